"""The face for agents, tools and pages: it can ask and look, and never send or approve."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from tools.desk.changing import changed
from tools.desk.finding import find
from tools.domain.errors import Conflict, InputError, NotFound, OutcomeUnknown, StateError
from tools.domain.market import aware_utc
from tools.domain.order import TERMINAL, Order, OrderState
from tools.domain.portfolio import Snapshot
from tools.domain.verdict import Verdict
from tools.execution.codec import Plain, order_from, to_plain
from tools.execution.kinds import Kind
from tools.execution.record import OrderRecord
from tools.execution.states import REPLACEABLE, RESTING, UNSETTLED, words
from tools.execution.story import printable
from tools.portfolio.snapshot import marks_at

if TYPE_CHECKING:
    from tools.desk.door import Desk
    from tools.desk.journal import Page

WAIT_S = 10.0
# Long enough to find a free sender's turn free: a cancel waits for nobody.
GLANCE_S = 0.05
BEFORE_THE_VENUE = frozenset(
    {OrderState.PROPOSED, OrderState.AWAITING_APPROVAL, OrderState.APPROVED}
)


class Proposals:
    """Propose, look, cancel. Raises StateError whenever the ledger can't be read or written."""

    def __init__(self, desk: Desk) -> None:
        """Made by the desk."""
        self._desk = desk

    def propose(self, order: Order) -> OrderRecord:
        """Judge an order and write it down; the record says whether a person must approve.

        The same intent again gives the earlier record, from whatever process it came; Conflict
        when it now wishes for something else. Raises InputError for another account or a moment
        later than the market clock. A refusal by the gate is a record with its reasons, not an
        error.
        """
        order, plain = self._sound(order)
        desk, key = self._desk, order.client_order_id
        book = desk.journal.read()
        if key in book.orders:
            return self._view(_same(book.orders[key], order))
        desk.agree()
        book = desk.journal.read()
        sight = desk.judge.look(order, book)
        with desk.journal.writing() as page:
            if key in page.book.orders:
                record = _same(page.order(key), order)
            else:
                judged = desk.judge.judge(order, page.book, sight, approval=None, stage="proposal")
                page.write(
                    Kind.PROPOSED,
                    key,
                    {
                        "order": plain,
                        "digest": judged.verdict.digest,
                        "venue": desk.broker.name,
                        "simulated": not desk.broker.real_money,
                        "clock": to_plain(sight.clock),
                    },
                )
                judged.write(page)
                record = page.order(key)
        if record.state is OrderState.APPROVED:
            return desk.send(key)
        return self._view(record)

    def preview(self, order: Order) -> Verdict:
        """What the gate would say now; nothing is written down. Raises InputError as propose."""
        order, _ = self._sound(order)
        self._desk.agree()
        book = self._desk.journal.read()
        sight = self._desk.judge.look(order, book)
        return self._desk.judge.judge(order, book, sight, approval=None, stage="preview").verdict

    def get(self, order_id: str) -> OrderRecord:
        """One order by its id or a unique start of it; NotFound or InputError otherwise."""
        return self._view(find(self._desk.journal.read(), order_id))

    def orders(self) -> tuple[OrderRecord, ...]:
        """Every order, the oldest first."""
        return tuple(self._view(r) for r in self._desk.journal.read().orders.values())

    def replace(
        self,
        order_id: str,
        *,
        principal: str,
        intent_id: str = "",
        quantity: Decimal | None = None,
        limit_price: Decimal | None = None,
        stop_price: Decimal | None = None,
    ) -> OrderRecord:
        """Propose an order that takes the place of one at the venue, with what is given changed.

        ``quantity`` is the total, what was filled already counts towards it. It is an order like
        any other: gated, approved and sent; until then the old one goes on. Without an intent the
        same change of the same order is the same intent, until that has ended. Raises Conflict for
        an order that can't be replaced now and InputError for a change that is none.
        """
        book = self._desk.journal.read()
        old = find(book, order_id)
        heirs = book.heirs.get(old.order.client_order_id, ())
        ended = sum(self._view(book.orders[heir]).state in TERMINAL for heir in heirs)
        order = changed(
            old,
            self._desk.clock.now(),
            principal=principal,
            intent_id=intent_id or f"{old.order.client_order_id}/change-{ended + 1}",
            quantity=quantity,
            limit_price=limit_price,
            stop_price=stop_price,
        )
        if order.client_order_id not in book.orders and old.state not in REPLACEABLE:
            raise Conflict(f"only an order at the venue can be replaced. {old.sentence}")
        return self.propose(order)

    def cancel(self, order_id: str, principal: str) -> OrderRecord:
        """End an order; neither the gate nor the mode nor a busy sender stands in the way.

        One that is at the venue is canceled there, and may turn out to have been filled first. One
        that another process is just sending stays asked for, and whoever hears of it next passes
        the cancel on. Raises Conflict for an order that has ended, OutcomeUnknown when the venue
        doesn't answer, and StateError, after asking the venue, when the ledger can't be written.
        """
        desk = self._desk
        try:
            with desk.journal.writing() as page:
                record = find(page.book, order_id)
                key = record.order.client_order_id
                if record.at(desk.clock.wall()).state in TERMINAL:
                    raise Conflict(f"there is nothing left to cancel: {record.sentence}")
                if record.state in BEFORE_THE_VENUE:
                    page.write(Kind.CANCELED, key, {"by": principal, "reason": ""})
                    return page.order(key)
                page.write(Kind.CANCEL_REQUESTED, key, {"by": principal})
                self._heir_too(page, page.order(key), principal)
        except StateError as error:
            self._unwritten(order_id, error)
            raise
        return self._cancel_at_venue(key, principal)

    def snapshot(self, as_of: datetime | None = None) -> Snapshot:
        """The account at a market moment (aware UTC), now by default.

        Now counts every fill and every open order. For an earlier moment only fills that had
        happened by then count, and orders made by then; the gate always counts all. Raises
        InputError for a moment later than the market clock.
        """
        desk = self._desk
        now = desk.clock.now()
        moment = now if as_of is None else aware_utc(as_of, "as_of")
        if moment > now:
            raise InputError(f"the account can't be shown later than {now:%Y-%m-%d %H:%M} UTC")
        mark = marks_at(desk.market, moment)
        return desk.judge.account(
            desk.journal.read(), mark, moment, until=None if moment == now else moment
        )

    def _heir_too(self, page: Page, record: OrderRecord, principal: str) -> None:
        """Whoever cancels an order that is just being replaced wants neither."""
        heir = page.book.orders.get(record.replaced_by)
        if record.state is OrderState.PENDING_REPLACE and heir and heir.state not in TERMINAL:
            page.write(Kind.CANCEL_REQUESTED, record.replaced_by, {"by": principal})

    def _unwritten(self, order_id: str, error: StateError) -> None:
        """Ask the venue for a cancel that can't be journalled; StateError says that it was."""
        record = find(self._desk.journal.read(), order_id)
        if record.state not in RESTING and record.state not in UNSETTLED:
            return
        self._desk.broker.cancel(record.order.client_order_id)
        raise StateError(
            f"the venue was asked to cancel {record.id}, but that can't be written down: {error}"
        ) from error

    def _cancel_at_venue(self, key: str, principal: str) -> OrderRecord:
        desk = self._desk
        record = desk.journal.read().orders[key]
        if record.state in RESTING:
            return self._asked(key, principal)
        with desk.sending.turn(GLANCE_S) as mine:
            # Another sender has it in hand: what it hears of the order it heeds.
            return self._asked(key, principal) if mine else desk.journal.read().orders[key]

    def _asked(self, key: str, principal: str) -> OrderRecord:
        desk = self._desk
        try:
            return desk.sending.cancel(key)
        except OutcomeUnknown as error:
            raise OutcomeUnknown(
                f"the venue did not answer the cancel of {key[:10]} ({error}); it may still "
                "trade. The cancel stays asked for and is passed on with the next look"
            ) from error
        except NotFound:
            with desk.journal.writing() as page:
                record = page.order(key)
                if record.state not in UNSETTLED:
                    standing = words(record.state)
                    raise Conflict(
                        f"the venue has not seen order {key[:10]} yet; it is {standing}"
                    ) from None
                # It may still be on its way: it is canceled when it turns up, and ended when the
                # venue was asked often enough.
                page.write(Kind.NOT_SEEN, key, {})
                return page.order(key)

    def _sound(self, order: Order) -> tuple[Order, Plain]:
        """The order as it is to be judged, and as it is written down; raises as ``propose``."""
        desk = self._desk
        moment = aware_utc(order.as_of, "the order's as_of")
        latest = desk.clock.now() + timedelta(seconds=desk.limits.clock_skew_seconds)
        if moment > latest:
            raise InputError(
                f"an order can't be dated {moment:%Y-%m-%d %H:%M} UTC: the market clock stands at "
                f"{desk.clock.now():%Y-%m-%d %H:%M} UTC"
            )
        if order.account != desk.account:
            raise InputError(
                f"this desk trades the account {desk.account!r}, not {str(order.account)[:40]!r}"
            )
        if order.external:
            raise InputError("an intent that begins with 'external:' is of orders sent elsewhere")
        if moment is not order.as_of:
            order = replace(order, as_of=moment)
        try:
            plain = to_plain(order)
            same = order_from(plain).canonical() == order.canonical()
        except (StateError, AttributeError, TypeError, ValueError, ArithmeticError):
            same = False
        if not same:
            raise InputError("the order has fields of the wrong kind; nothing was written down")
        return order, plain

    def _view(self, record: OrderRecord) -> OrderRecord:
        return record.at(self._desk.clock.wall())


def _same(record: OrderRecord, order: Order) -> OrderRecord:
    """The earlier record of an intent; raises Conflict when the new order is not the same wish."""
    earlier = record.order
    if not earlier.wishes_the_same(order):
        raise Conflict(
            f"this intent already made order {record.id} ({earlier.describe()}, proposed by "
            f"{printable(earlier.principal)}) and can't become another; give the new wish an "
            "intent of its own"
        )
    return record
