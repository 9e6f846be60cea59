"""An order in the place of another at Alpaca, so that both together never fill more than the total.

Alpaca's own replacing counts the new quantity from nothing: whatever the old order fills between
our count and Alpaca's change comes on top. So the old order is canceled, what it filled is counted
when nothing more can come, and only the rest is sent as a new order. An exit can't be canceled
without the other exit of its pair; it is changed by a PATCH and compared afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from urllib.parse import quote

from tools.domain.errors import BrokerRejected, OutcomeUnknown
from tools.domain.money import Quantity, plain
from tools.domain.order import TERMINAL, Order, OrderState, TimeInForce
from tools.execution.brokers.alpaca_line import Line
from tools.execution.brokers.alpaca_reports import Reports
from tools.execution.brokers.alpaca_words import Told, state_of

# An order replaced more often than this has a history that nobody reads on the way to a send.
LONGEST_CHAIN = 50
# How long the end of a canceled order is waited for, in seconds: three and a bit in all.
PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


class Replacing:
    """Reads and ends what is to be replaced; errors as for ``Broker.replace``."""

    def __init__(self, line: Line, reports: Reports, sleep: Callable[[float], None]) -> None:
        """``sleep`` waits for a number of seconds."""
        self._line = line
        self._reports = reports
        self._sleep = sleep

    def rest(self, order: Order, old: Told) -> Order:
        """End ``old`` for good; ``order`` with what is left of its total then.

        Raises BrokerRejected, with nothing of ``order`` sent, when nothing is left, when ``old``
        ended otherwise than by a cancel, and when its end is not known within three seconds.
        """
        ours = self._reports.order(order.replaces, old)
        _fits(order, ours, self.filled(old, order.replaces))
        try:
            with suppress(OutcomeUnknown):  # whether it was canceled shows in what comes of it
                self.cancel(old)
            ended = self._ended(old)
            done = self.filled(ended, order.replaces)
        except OutcomeUnknown as error:
            raise BrokerRejected(
                f"not sent: the order to replace may be canceled or not ({error}); look at it, "
                "and propose a new order when it has ended"
            ) from None
        state = state_of(ended)
        if state is not OrderState.CANCELED:
            raise BrokerRejected(f"not sent: the order to replace came to its end first ({state})")
        if done >= order.quantity:
            raise BrokerRejected(
                f"not sent: {plain(done)} were filled before the order to replace was canceled, "
                "so nothing is left to trade"
            )
        return replace(order, quantity=Quantity(order.quantity - done))

    def exceeds(self, order: Order, new: Told) -> bool:
        """Whether ``new``, sent for ``order``, and all before it could fill more than its total."""
        if not order.replaces or state_of(new) in TERMINAL or new.qty is None:
            return False
        # What Alpaca counts of the earlier orders as this one's own is in neither figure twice.
        before = sum((told.filled_qty for told in self._before(new, order)), Decimal(0))
        return before + max(new.qty, new.filled_qty) > order.quantity

    def cancel(self, told: Told) -> None:
        """Ask for the end of an order; one that has ended already is no error."""
        path = f"/orders/{quote(told.id, safe='')}"
        answer = self._line.call("DELETE", path)
        if answer.status not in (200, 204) and not answer.refused:
            raise self._line.refusal("DELETE", path, answer)

    def again(self, told: Told) -> Told:
        """The order as it is now."""
        again = self._reports.by_venue_id(told.id)
        if again is None:
            raise OutcomeUnknown(f"Alpaca no longer knows the order {told.client_order_id}")
        return again

    def filled(self, told: Told, key: str) -> Decimal:
        """What an order and all before it have filled; ``key`` is our id of it."""
        before = self._before(told, self._reports.order(key, told))
        return told.filled_qty + sum((one.filled_qty for one in before), Decimal(0))

    def _ended(self, old: Told) -> Told:
        for pause in (*PAUSES, None):
            told = self.again(old)
            if state_of(told) in TERMINAL:
                return told
            if pause is not None:
                self._sleep(pause)
        raise OutcomeUnknown("Alpaca has not ended it yet")

    def _before(self, told: Told, ours: Order | None) -> Iterator[Told]:
        """The orders before one, nearest first: by Alpaca's own link where there is one, or ours.

        Raises OutcomeUnknown when the chain can't be followed to its start.
        """
        for _ in range(LONGEST_CHAIN):
            if told.replaces is not None:
                found = self._reports.by_venue_id(told.replaces)
                key = "" if found is None else found.client_order_id
            elif ours is not None and ours.replaces:
                key = ours.replaces
                found = self._reports.find(key)
            else:
                return
            if found is None:
                break
            yield found
            told, ours = found, self._reports.order(key, found)
        raise OutcomeUnknown("Alpaca's history of the order to replace can't be followed")


def _fits(order: Order, old: Order | None, filled: Decimal) -> None:
    """Raises BrokerRejected for a change that can't be made this way, before anything is asked."""
    same = ("symbol", "side", "group")
    other = [one for one in same if old is not None and getattr(order, one) != getattr(old, one)]
    if other:
        raise BrokerRejected(
            f"not sent: the {' or '.join(other)} of an order can't be changed; cancel it and "
            "propose a new one"
        )
    left = order.quantity - filled
    if left <= 0:
        raise BrokerRejected(f"not sent: {plain(filled)} were filled already; nothing is left")
    whole = left == left.to_integral_value()
    if not whole and order.time_in_force is not TimeInForce.DAY and order.asset_class == "equity":
        raise BrokerRejected(
            f"not sent: {plain(left)} would be left, and Alpaca takes parts of a share for the day "
            "only"
        )
