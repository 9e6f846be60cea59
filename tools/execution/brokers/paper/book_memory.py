"""The paper venue's record in memory, for a simulation of the past that one thread drives."""

from __future__ import annotations

from collections import defaultdict
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from decimal import Decimal
from itertools import takewhile
from typing import Any

from tools.domain.altering import altered
from tools.domain.order import Fill
from tools.execution.brokers.paper.book import PaperBook, split, traded
from tools.execution.brokers.paper.notes import Notes
from tools.execution.brokers.paper.placed import Placed
from tools.execution.brokers.paper.taking import ZERO

NOBODY = nullcontext()
NO_NOTES = Notes()


class MemoryBook(PaperBook):
    """Keeps what a ``PaperBook`` keeps, and forgets it with the process.

    Nothing is undone when a visit fails: an error ends the simulation that it happened in.
    """

    def __init__(self) -> None:
        """An empty record."""
        self._orders: dict[str, Placed] = {}
        self._open: dict[str, None] = {}
        self._used: dict[tuple[str, datetime], Decimal] = {}
        self._cash: dict[str, Decimal] = defaultdict(Decimal)
        self._held: dict[str, Decimal] = defaultdict(Decimal)
        self._entries: dict[str, dict[str, Any]] = {}
        self._symbols: dict[str, Notes] = {}
        self._writes = 0

    def writing(self) -> AbstractContextManager[None]:  # type: ignore[override]  # it is entered
        """One thread, so there is nobody to wait for."""
        return NOBODY

    @property
    def version(self) -> object:
        """How often something was written."""
        return self._writes

    def find(self, client_order_id: str) -> Placed | None:
        """The order with this id, None when it was never placed."""
        return self._orders.get(client_order_id)

    def open_orders(self, symbol: str | None = None) -> tuple[Placed, ...]:
        """Every order that may still trade, in the order of arrival."""
        found = (self._orders[key] for key in self._open)
        return tuple(one for one in found if symbol is None or one.order.symbol == symbol)

    def family(self, client_order_id: str) -> tuple[Placed, ...]:
        """The open orders whose fate hangs together with an order's, itself among them."""
        known = self._orders.get(client_order_id)
        names = {client_order_id, known.pair or known.key} if known else {client_order_id}
        return tuple(one for one in self.open_orders() if (one.pair or one.key) in names)

    def symbols(self, since: datetime | None = None) -> set[str]:
        """Those with an open order or a position: of the past all is known, so nothing is late."""
        return {self._orders[key].order.symbol for key in self._open} | self.holdings().keys()

    def insert(self, placed: Placed) -> None:
        """Take a new order, or write down why not."""
        self.update(altered(placed, arrival=len(self._orders) + 1))

    def update(self, placed: Placed) -> None:
        """Write what became of an order."""
        self._writes += 1
        self._orders[placed.key] = placed
        if placed.alive:
            self._open[placed.key] = None
        else:
            self._open.pop(placed.key, None)

    def execute(self, fill: Fill, number: int, bar: datetime | None, money: Decimal) -> None:
        """Write an execution, ``money`` of which came to the account (went, below zero)."""
        self._writes += 1
        if bar is not None:
            self._used[fill.symbol, bar] = self.used(fill.symbol, bar) + fill.quantity
        placed = self._orders[fill.client_order_id]
        self._orders[placed.key] = altered(placed, fills=(*placed.fills, fill))
        self.pay(fill.currency, money)
        self.hold(fill.symbol, fill.side.sign * fill.quantity)

    def used(self, symbol: str, bar: datetime) -> Decimal:
        """What earlier orders took of a bar's volume."""
        return self._used.get((symbol, bar), ZERO)

    def pay(self, currency: str, amount: Decimal) -> None:
        """Add to the balance of a currency."""
        self._writes += 1
        self._cash[currency] += amount

    def hold(self, symbol: str, quantity: Decimal) -> None:
        """Add to a position."""
        self._writes += 1
        self._held[symbol] += quantity

    def balance(self, currency: str) -> Decimal:
        """What came in a currency since the start."""
        return self._cash.get(currency, ZERO)

    def holdings(self) -> dict[str, Decimal]:
        """Signed positions by symbol, flat ones left out."""
        return {symbol: held for symbol, held in self._held.items() if held}

    def added(self, symbol: str, since: datetime) -> Decimal:
        """What trades and splits from ``since`` on have added to a position."""
        orders = (one for one in self._orders.values() if one.order.symbol == symbol)
        fills = (fill for one in orders for fill in one.fills)
        return traded(fills, since) + split(self.entries(""), symbol, since)

    def enter(self, key: str, body: dict[str, Any]) -> None:
        """Write a line of the statement."""
        self._writes += 1
        self._entries[key] = body

    def entries(self, after: str) -> tuple[dict[str, Any], ...]:
        """The lines after one of them, all for an id that is not there."""
        if after not in self._entries:
            return tuple(self._entries.values())
        new = list(takewhile(lambda key: key != after, reversed(self._entries)))
        return tuple(self._entries[key] for key in reversed(new))

    def notes(self, symbol: str) -> Notes:
        """What was kept of a symbol, empty at first."""
        return self._symbols.get(symbol, NO_NOTES)

    def note(self, symbol: str, notes: Notes) -> None:
        """Keep something of a symbol in the place of what was kept."""
        self._writes += 1
        self._symbols[symbol] = notes
