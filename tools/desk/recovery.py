"""Settling what a killed process left between the journal and the venue."""

from __future__ import annotations

from tools.desk.journal import Journal
from tools.desk.sending import Sending
from tools.domain.errors import TradingError
from tools.domain.order import OrderState
from tools.execution.record import OrderRecord
from tools.execution.states import RESTING, UNSETTLED
from tools.ports import Broker

# Long enough to find a free lock free, far too short to outwait a live sender.
GLANCE_S = 0.05
# What the venue may have; an approved order was never sent to it.
MAYBE_THERE = UNSETTLED - {OrderState.APPROVED}


class Recovery:
    """Asks the venue about orders whose fate the journal doesn't know, and about resting ones."""

    def __init__(self, journal: Journal, sending: Sending, broker: Broker, account: str) -> None:
        """Nothing happens when made; orders of other accounts are left to their own desks."""
        self._account = account
        self._journal = journal
        self._sending = sending
        self._broker = broker

    def recover(self) -> tuple[OrderRecord, ...]:
        """Settle every order left on its way, sending what must be; the records it touched.

        When another process is sending at this moment nothing is done: that one is alive and will
        write its own end.
        """
        if not self._keys(UNSETTLED):
            return ()
        with self._sending.turn(GLANCE_S) as mine:
            if not mine:
                return ()
            return tuple(self.settle(key) for key in self._keys(UNSETTLED))

    def refresh(self) -> tuple[OrderRecord, ...]:
        """Ask the venue about every order it has or may have and write down its news.

        Nothing is sent. An order whose venue doesn't answer, or has not seen it, stays as it is
        until the next time; one that is on its way in a live sender is that one's own.
        """
        fresh: list[OrderRecord] = []
        if self._keys(MAYBE_THERE):
            with self._sending.turn(GLANCE_S) as mine:
                for key in self._keys(MAYBE_THERE) if mine else ():
                    fresh += self._asked(key)
        seen = {record.order.client_order_id for record in fresh}
        for key in self._keys(RESTING):
            if key not in seen:
                fresh += self._asked(key)
        return tuple(fresh)

    def settle(self, key: str) -> OrderRecord:
        """Bring one order on its way to what the venue knows of it; call with the lock held.

        Never sent, or provably never arrived: it is gated again and sent under the same id, or
        ended when somebody asked to cancel it.
        """
        record = self._journal.read().orders[key]
        if record.state not in UNSETTLED:
            return record
        if record.state is OrderState.APPROVED:
            return self._sending.send(key)
        try:
            answer = self._broker.lookup(key)
        except TradingError as error:
            return self._sending.unknown(key, str(error))
        if answer is not None:
            return self._sending.heed(self._sending.adopt(key, answer))
        if not self._broker.unique_ids:
            # "Never seen" may only mean "not yet": a later look or a person must settle it.
            return self._sending.unknown(key, "The venue has not seen it so far.")
        return self._sending.send(key, never_arrived=True)

    def _asked(self, key: str) -> tuple[OrderRecord, ...]:
        """The record after the venue's word on it; nothing where the venue has no word."""
        try:
            answer = self._broker.lookup(key)
        except TradingError:
            return ()
        if answer is not None:
            return (self._sending.heed(self._sending.adopt(key, answer)),)
        record = self._journal.read().orders[key]
        if record.state in MAYBE_THERE and record.cancel_requested and self._broker.unique_ids:
            return (self._sending.withdraw(key),)
        return ()

    def _keys(self, states: frozenset[OrderState]) -> tuple[str, ...]:
        orders = self._journal.read().orders
        return tuple(
            key
            for key, record in orders.items()
            if record.state in states and record.order.account == self._account
        )
