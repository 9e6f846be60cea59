"""Reads orders at Alpaca: theirs and ours by any id, with their exits and executions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from urllib.parse import quote

from tools.domain.errors import OutcomeUnknown
from tools.domain.legs import legs
from tools.domain.money import plain
from tools.domain.order import TERMINAL, Order, OrderGroup, OrderState, OrderType
from tools.domain.venue import VenueOrder
from tools.execution.brokers.alpaca_executions import Executions
from tools.execution.brokers.alpaca_line import Line
from tools.execution.brokers.alpaca_words import (
    Execution,
    Told,
    order_of,
    read_order,
    read_orders,
    state_of,
)

PAGE = 500
MOST_PAGES = 200

REASONS = {
    OrderState.CANCELED: "Alpaca says that it is canceled",
    OrderState.EXPIRED: "Alpaca says that its time in force ended",
    OrderState.REJECTED: "Alpaca or the exchange rejected it",
    OrderState.REPLACED: "another order took its place",
    OrderState.SUSPENDED: "Alpaca has suspended it",
    OrderState.DONE_FOR_DAY: "it is done for the day",
}


class Reports:
    """Every call raises OutcomeUnknown when the venue doesn't answer, or not readably."""

    def __init__(
        self, line: Line, account: str, basis: str, recall: Callable[[str], Order | None]
    ) -> None:
        """``recall`` gives an order of the ledger by its client order id."""
        self._line = line
        self._account = account
        self._recall = recall
        self._executions = Executions(line, basis)
        self._kept: dict[str, Order] = {}
        self._names: dict[str, str] = {}

    def keep(self, order: Order) -> None:
        """Remember an order that has exits, until the ledger is asked for it after a restart."""
        if order.group is not OrderGroup.SIMPLE:
            for one in (order, *legs(order)):
                self._kept[one.client_order_id] = one

    def by_client_id(self, client_order_id: str) -> Told | None:
        """The order under an id of ours that the venue was given, with its exits."""
        body = self._line.ask("/orders:by_client_order_id", client_order_id=client_order_id)
        if body is None:
            return None
        told = read_order(body)
        if told.client_order_id != client_order_id:
            raise OutcomeUnknown("Alpaca answered with another order than the one asked for")
        return self._nested(told) if told.grouped else told

    def by_venue_id(self, venue_id: str) -> Told | None:
        """The order under an id of the venue's, with its exits."""
        body = self._line.ask(f"/orders/{quote(venue_id, safe='')}", nested="true")
        return None if body is None else read_order(body)

    def find(self, client_order_id: str) -> Told | None:
        """The order under one of our ids, also an exit that the venue gave an id of its own."""
        told = self.by_client_id(client_order_id)
        ours = None if told is not None else self._order(client_order_id)
        if ours is None or not ours.leg_of:
            return told
        parent = self.by_client_id(ours.leg_of)
        for leg in () if parent is None else parent.legs or ():
            if parent is not None and self._name(parent, leg) == client_order_id:
                return leg
        return None

    def order(self, client_order_id: str, told: Told) -> Order | None:
        """The order as we know it, else as the venue tells it."""
        return self._order(client_order_id) or order_of(told, self._account, told.legs or ())

    def named(self, venue_id: str, client_order_id: str) -> str:
        """Our id of an order in the venue's words: an exit's own, as far as it has been seen."""
        return self._names.get(venue_id, client_order_id)

    def report(self, told: Told, client_order_id: str) -> VenueOrder:
        """The order with its executions and exits, under our ids."""
        whole = (told, *(told.legs or ()))
        executions = self._executions.of(whole)
        if any(_listed(executions, one) > one.filled_qty for one in whole):
            # It may have filled between the two questions; a bust shows in the second answer too.
            told = self.by_venue_id(told.id) or told
        return self._report(told, client_order_id, executions)

    def open_orders(self) -> tuple[VenueOrder, ...]:
        """Every open order; an exit whose parent has ended is told under our id where we can."""
        found = self._pages()
        self._adopt([told for told in found if told.grouped and not told.legs])
        executions = self._executions.of([leg for told in found for leg in _flat(told)])
        return tuple(
            self.report(told, self.named(told.id, told.client_order_id))
            if any(_listed(executions, one) > one.filled_qty for one in _flat(told))
            else self._report(told, self.named(told.id, told.client_order_id), executions)
            for told in found
        )

    def _report(
        self, told: Told, client_order_id: str, executions: dict[str, list[Execution]]
    ) -> VenueOrder:
        mine = executions.get(told.id, [])
        exits = told.legs or ()
        listed, state = _listed(executions, told), state_of(told)
        raw = told.status if state is OrderState.NEEDS_HUMAN else ""
        reason = REASONS.get(state, "")
        if raw:
            reason = "Alpaca says something of this order that Tollgate has no word for"
        if listed > told.filled_qty:
            state, raw = OrderState.NEEDS_HUMAN, told.status
            reason = _unequal(told, listed)
        elif listed < told.filled_qty and not self._carried(told, listed):
            if state in TERMINAL:
                state = OrderState.PARTIAL if mine else OrderState.ACCEPTED
            reason = _unequal(told, listed)
        return VenueOrder(
            client_order_id,
            state,
            self._executions.fills(client_order_id, told, mine),
            reason,
            raw,
            tuple(self._report(leg, self._name(told, leg), executions) for leg in exits),
            order_of(told, self._account, exits),
            told.id,
        )

    def _carried(self, told: Told, listed: Decimal) -> bool:
        """Whether the venue counts what the orders before this one filled as this one's too."""
        earlier, seen = told.replaces, {told.id}
        while earlier is not None and earlier not in seen:
            seen.add(earlier)
            before = self.by_venue_id(earlier)
            if before is None:
                return False
            listed += _listed(self._executions.of([before]), before)
            if listed >= told.filled_qty:
                return listed == told.filled_qty
            earlier = before.replaces
        return False

    def _nested(self, told: Told) -> Told:
        return self.by_venue_id(told.id) or told

    def _order(self, client_order_id: str) -> Order | None:
        return self._kept.get(client_order_id) or self._recall(client_order_id)

    def _name(self, parent: Told, leg: Told) -> str:
        """Our id of an exit: by what kind of order it is of the ones that our order has."""
        ours = self._order(parent.client_order_id)
        if ours is None or leg.replaces is not None:
            return leg.client_order_id
        limit = leg.type == "limit"
        for one in legs(ours):
            if (one.type is OrderType.LIMIT) == limit:
                self._names[leg.id] = one.client_order_id
                return one.client_order_id
        return leg.client_order_id

    def _adopt(self, exits: Sequence[Told]) -> None:
        """Learn our ids of exits that the venue tells without their parent."""
        symbols = {told.symbol for told in exits if told.id not in self._names and told.symbol}
        if not symbols:
            return
        query = {"status": "all", "nested": "true", "direction": "desc", "limit": str(PAGE)}
        body = self._line.ask("/orders", symbols=",".join(sorted(symbols)), **query)
        for parent in read_orders([] if body is None else body):
            for leg in parent.legs or ():
                self._name(parent, leg)

    def _pages(self) -> list[Told]:
        query = {"status": "open", "nested": "true", "direction": "asc", "limit": str(PAGE)}
        found: dict[str, Told] = {}
        for _ in range(MOST_PAGES):
            body = self._line.ask("/orders", **query)
            if body is None:
                break
            page = read_orders(body)
            new = [told for told in page if told.id not in found]
            found.update((told.id, told) for told in new)
            if len(page) < PAGE:
                return list(found.values())
            if not new:
                break
            query["after_order_id"] = page[-1].id
        raise OutcomeUnknown("Alpaca's list of open orders does not end")


def _flat(told: Told) -> tuple[Told, ...]:
    return (told, *(told.legs or ()))


def _listed(executions: dict[str, list[Execution]], told: Told) -> Decimal:
    return sum((one.qty for one in executions.get(told.id, [])), Decimal(0))


def _unequal(told: Told, listed: Decimal) -> str:
    return (
        f"Alpaca says that {plain(told.filled_qty)} were filled and lists executions of "
        f"{plain(listed)}: {'a bust, or one not told yet' if listed else 'not listed yet'}"
    )
