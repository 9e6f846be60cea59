"""The face for agents, tools and pages: it can ask and look, and never send or approve."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tools.desk.finding import find
from tools.domain.errors import Conflict, InputError, NotFound, OutcomeUnknown, StateError
from tools.domain.market import aware_utc
from tools.domain.order import TERMINAL, Order, OrderState, Verdict
from tools.domain.portfolio import Snapshot
from tools.execution.codec import order_from, to_plain
from tools.execution.kinds import Kind
from tools.execution.record import OrderRecord
from tools.execution.states import words
from tools.execution.story import printable
from tools.portfolio.snapshot import marks_at

if TYPE_CHECKING:
    from tools.desk.door import Desk

WAIT_S = 10.0
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
        order = self._sound(order)
        desk, key = self._desk, order.client_order_id
        book = desk.journal.read()
        if key in book.orders:
            return self._view(_same(book.orders[key], order))
        sight = desk.judge.look(order, book)
        with desk.journal.writing() as page:
            if key not in page.book.orders:
                judged = desk.judge.judge(order, page.book, sight, approved=False, stage="proposal")
                page.write(
                    Kind.PROPOSED,
                    key,
                    {
                        "order": to_plain(order),
                        "digest": order.digest,
                        "venue": desk.broker.name,
                        "simulated": desk.broker.simulated,
                        "clock": to_plain(sight.clock),
                    },
                )
                page.write(Kind.VERDICT, key, judged.data)
            record = _same(page.book.orders[key], order)
        if record.state is OrderState.APPROVED:
            return desk.send(key)
        return self._view(record)

    def preview(self, order: Order) -> Verdict:
        """What the gate would say now; nothing is written down. Raises InputError as propose."""
        order = self._sound(order)
        book = self._desk.journal.read()
        sight = self._desk.judge.look(order, book)
        return self._desk.judge.judge(order, book, sight, approved=False, stage="preview").verdict

    def get(self, order_id: str) -> OrderRecord:
        """One order by its id or a unique start of it; NotFound or InputError otherwise."""
        return self._view(find(self._desk.journal.read(), order_id))

    def orders(self) -> tuple[OrderRecord, ...]:
        """Every order, the oldest first."""
        return tuple(self._view(r) for r in self._desk.journal.read().orders.values())

    def cancel(self, order_id: str, principal: str) -> OrderRecord:
        """End an order; neither the gate nor the mode stands in the way.

        One that is at the venue is canceled there, and may turn out to have been filled first.
        Raises Conflict for an order that has ended, or while it is being sent.
        """
        desk = self._desk
        with desk.journal.writing() as page:
            record = find(page.book, order_id)
            key = record.order.client_order_id
            if record.at(desk.clock.wall()).state in TERMINAL:
                raise Conflict(f"there is nothing left to cancel: {record.sentence}")
            if record.state in BEFORE_THE_VENUE:
                page.write(Kind.CANCELED, key, {"by": principal, "reason": ""})
                return page.book.orders[key]
            page.write(Kind.CANCEL_REQUESTED, key, {"by": principal})
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

    def _cancel_at_venue(self, key: str, principal: str) -> OrderRecord:
        desk = self._desk
        with desk.sending.turn(WAIT_S) as mine:
            if not mine:
                raise Conflict(f"order {key[:10]} is being sent at this moment; cancel it again")
            try:
                return desk.sending.adopt(key, desk.broker.cancel(key))
            except OutcomeUnknown as error:
                raise OutcomeUnknown(
                    f"the venue did not answer the cancel of {key[:10]} ({error}); it may still "
                    "trade, ask for it again"
                ) from error
            except NotFound:
                with desk.journal.writing() as page:
                    record = page.book.orders[key]
                    if not desk.broker.unique_ids or record.state in TERMINAL:
                        standing = words(record.state)
                        raise Conflict(
                            f"the venue has not seen order {key[:10]} yet; it is {standing}"
                        ) from None
                    reason = "It never reached the venue."
                    page.write(Kind.CANCELED, key, {"by": principal, "reason": reason})
                    return page.book.orders[key]

    def _sound(self, order: Order) -> Order:
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
        order = replace(order, as_of=moment)
        try:
            same = order_from(to_plain(order)).canonical() == order.canonical()
        except (StateError, AttributeError, TypeError, ValueError, ArithmeticError):
            same = False
        if not same:
            raise InputError("the order has fields of the wrong kind; nothing was written down")
        return order

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
