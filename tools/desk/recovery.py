"""Settling what a killed process left between the journal and the venue, and hearing of the rest.

An order that the venue says it has never seen may still be on its way there. It counts as live
until the venue was asked ``LOOKUPS`` times over ``RESOLVE``, and then ends only where the venue
keeps ids unique; elsewhere a person must settle it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from tools.desk.external import External
from tools.desk.journal import Journal
from tools.desk.sending import Sending
from tools.domain.errors import TradingError
from tools.domain.order import TERMINAL, OrderState
from tools.domain.venue import VenueOrder
from tools.execution.kinds import Kind
from tools.execution.record import OrderRecord
from tools.execution.states import CONCLUDED, RESTING, UNSETTLED
from tools.execution.step import accepts
from tools.ports import Broker, Clock

# Long enough to find a free lock free, far too short to outwait a live sender.
GLANCE_S = 0.05
# What the venue may have; an approved order was never sent to it.
MAYBE_THERE = UNSETTLED - {OrderState.APPROVED}
# How often and how long the venue is asked for an order before "never seen" is believed.
LOOKUPS = 3
RESOLVE = timedelta(seconds=60)
PAUSE = RESOLVE / (LOOKUPS - 1)
# How many ended orders of a symbol are asked about again before a gap in it is taken over.
LATEST = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """What the venue has open, by client order id; ``asked`` is the journal's seq from before."""

    asked: int
    orders: Mapping[str, VenueOrder]


NOTHING = Listed(0, {})


class Recovery:
    """Asks the venue about orders whose fate the journal doesn't know, and about resting ones."""

    def __init__(
        self,
        journal: Journal,
        sending: Sending,
        external: External,
        broker: Broker,
        clock: Clock,
        account: str,
    ) -> None:
        """Nothing happens when made; orders of other accounts are left to their own desks."""
        self._account = account
        self._journal = journal
        self._sending = sending
        self._external = external
        self._broker = broker
        self._clock = clock

    def left(self) -> bool:
        """Whether any order is on its way: approved, about to be sent, or of unknown fate."""
        return bool(self._keys(UNSETTLED))

    def recover(self) -> tuple[OrderRecord, ...]:
        """Settle every order left on its way, sending what must be; the records it touched.

        When another process is sending at this moment nothing is done: that one is alive and will
        write its own end.
        """
        with self._sending.turn(GLANCE_S) as mine:
            if not mine:
                return ()
            return tuple(self.settle(key) for key in self._keys(UNSETTLED))

    def refresh(self) -> tuple[OrderRecord, ...]:
        """Ask the venue about every order it has or may have and write down its news.

        Nothing is sent. An order whose venue doesn't answer, or has not seen it, stays as it is
        until the next time; one that is on its way in a live sender is that one's own. Orders at
        the venue that nobody here sent are taken over.
        """
        listed = self._listed()
        fresh: list[OrderRecord] = []
        if self._keys(MAYBE_THERE):
            with self._sending.turn(GLANCE_S) as mine:
                for key in self._keys(MAYBE_THERE) if mine else ():
                    fresh += self._asked(key, listed)
        seen = {record.order.client_order_id for record in fresh}
        for key in (*self._keys(RESTING), *self._doubtful()):
            if key not in seen:
                fresh += self._asked(key, listed)
        return (*fresh, *self._strangers(listed))

    def ask(self, key: str) -> tuple[OrderRecord, ...]:
        """Ask the venue about one order that there may be news of."""
        if key not in self._journal.read().orders:
            return self._strangers(self._listed())
        return self._asked(key, NOTHING)

    def given_up(self, symbols: Collection[str]) -> None:
        """Ask again about orders that ended here and might explain a gap in ``symbols``.

        Those that were sent and ended without a word of the venue, and the latest of the others in
        these symbols: an answer that ended one may have lacked an execution.
        """
        ended = [
            (key, record)
            for key, record in self._journal.read().orders.items()
            if record.order.account == self._account
            and record.sent_at is not None
            and record.state in TERMINAL
        ]
        unheard = [k for k, r in ended if not r.heard and r.state in CONCLUDED]
        latest = [k for k, r in ended if r.heard and r.order.symbol in symbols][-LATEST:]
        for key in (*unheard, *latest):
            with suppress(TradingError):
                self._sending.ask(key)

    def settle(self, key: str) -> OrderRecord:
        """Bring one order on its way to what the venue knows of it; call with the lock held.

        Never sent, or never arrived at a venue that keeps ids unique: it is gated again and sent
        under the same id, unless it may not go any more.
        """
        record = self._journal.read().orders[key]
        if record.state not in UNSETTLED:
            return record
        if record.state is OrderState.APPROVED:
            return self._sending.send(key)
        try:
            found = self._sending.ask(key)
        except TradingError as error:
            return self._sending.unknown(key, str(error))
        if found is not None:
            return found
        if self._broker.unique_ids and self._sending.may_go_again(key):
            return self._sending.send(key, never_arrived=True)
        self._sending.unknown(key, "The venue has not seen it so far.")
        return self._not_seen(key)

    def _asked(self, key: str, listed: Listed) -> tuple[OrderRecord, ...]:
        """The record after the venue's word on it; nothing where the venue has no word."""
        if key in listed.orders:
            return (self._heard(key, listed),)
        try:
            found = self._sending.ask(key)
        except TradingError:
            return ()
        if found is not None:
            return (found,)
        if self._journal.read().orders[key].state in MAYBE_THERE:
            record = self._not_seen(key)
            return () if record.state in MAYBE_THERE else (record,)
        return ()

    def _heard(self, key: str, listed: Listed) -> OrderRecord:
        """The record after the venue listed it; what has nothing new is not written down."""
        record, answer = self._journal.read().orders[key], listed.orders[key]
        if _is_news(record, answer):
            record = self._sending.adopt(key, answer, asked=listed.asked)
        return self._sending.heed(record)

    def _strangers(self, listed: Listed) -> tuple[OrderRecord, ...]:
        """Orders at the venue that this desk never sent, or had given up for ended."""
        orders = self._journal.read().orders
        found = []
        for key, answer in listed.orders.items():
            record = orders.get(key)
            if record is None and not self._external.adopt(answer):
                continue
            # What ended since the venue was asked is no stranger, the list is only older.
            back = record is not None and record.state in TERMINAL and record.moved <= listed.asked
            if record is None or back:
                found.append(self._heard(key, listed))
        return tuple(found)

    def _not_seen(self, key: str) -> OrderRecord:
        """Write down that the venue has never seen an order, and end it when that is proved."""
        wall = self._clock.wall()
        with self._journal.writing() as page:
            record = page.order(key)
            asked = _since_sent(record)
            if record.state not in MAYBE_THERE:
                return record
            if len(asked) < LOOKUPS and (not asked or wall - asked[-1] >= PAUSE):
                page.write(Kind.NOT_SEEN, key, {})
                asked = _since_sent(page.order(key))
            if len(asked) < LOOKUPS:
                return page.order(key)
            state, why = self._end(record)
            data = {"by": "the desk", "state": str(state), "reason": why}
            page.write(Kind.SETTLED, key, data)
            return page.order(key)

    def _end(self, record: OrderRecord) -> tuple[OrderState, str]:
        if not self._broker.unique_ids:
            return OrderState.NEEDS_HUMAN, (
                "The venue has never seen it, but may still get it. Look there, then tell with "
                f"`tollgate orders {record.id} --settle rejected` or `canceled`."
            )
        if record.cancel_requested:
            return OrderState.CANCELED, "It never reached the venue."
        return OrderState.NOT_FOUND, "It never reached the venue; propose it again."

    def _listed(self) -> Listed:
        """Every open order of the venue, exits too; none without an answer."""
        asked = self._journal.read().seq
        try:
            orders = self._broker.open_orders()
        except TradingError:
            return NOTHING
        return Listed(asked, {o.client_order_id: o for top in orders for o in (*top.legs, top)})

    def _doubtful(self) -> tuple[str, ...]:
        """Orders that have ended, of which the venue's last answer lacked an execution.

        The account's standing keeps none at hand that ended in any other way.
        """
        return self._keys(TERMINAL)

    def _keys(self, states: frozenset[OrderState]) -> tuple[str, ...]:
        """The orders at hand in these states, the first proposed first."""
        standing = self._journal.read().of(self._account)
        rows = [*standing.open.items(), *standing.aside.items()]
        found = [(record.begun, key) for key, record in rows if record.state in states]
        return tuple(key for _, key in sorted(found))


def _is_news(record: OrderRecord, answer: VenueOrder) -> bool:
    """Whether an answer says anything that the record doesn't have."""
    known = {fill.execution_id for fill in record.fills}
    told = {fill.execution_id for fill in answer.fills}
    return (
        known != told
        or bool(answer.legs or answer.raw)
        or accepts(record, answer.state, fresh=True)
        or answer.reason not in ("", record.note)
    )


def _since_sent(record: OrderRecord) -> list[datetime]:
    """The moments at which the venue had never seen it, since it was last sent."""
    return [at for at in record.not_seen if record.sent_at is None or at >= record.sent_at]
