"""All orders and the switch, folded from the journal; each book is frozen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeVar

from tools.domain.errors import StateError
from tools.domain.making import quickly_made
from tools.domain.order import Fill
from tools.execution.kinds import Kind
from tools.execution.layers import Layers
from tools.execution.record import OrderRecord
from tools.execution.standing import NOTHING, Standing
from tools.execution.step import step
from tools.execution.tally import Tally
from tools.execution.told import Told, heard
from tools.ports import Event

# The names of the modes, the strictest first; one that isn't here counts as the strictest.
STRICTEST_FIRST = ("HALTED", "REDUCE_ONLY", "ACTIVE")
V = TypeVar("V")
# What reading odd data in an event raises.
ODD = (AttributeError, KeyError, TypeError, ValueError, ArithmeticError)


@quickly_made
@dataclass(frozen=True, slots=True)
class Book:
    """The journal up to event ``seq``: orders by client order id, and what each account did.

    ``hash`` is that event's, empty before the first. ``told`` is each account as the last verdict
    on it has it, where the next one can tell what changed. ``heirs`` are the orders that were
    proposed to take an order's place, ``limits`` the hashes of those that the journal holds in
    full.
    ``mode`` is the switch as people left it, empty when nobody ever touched it. ``trips`` are the
    stops that the desk's own watch made since a person last resumed, one sentence each.
    ``differences`` are those between the venue's figures and ours when both were last compared.
    ``at`` is the latest wall time of any event (aware UTC), None before the first.
    """

    seq: int = 0
    hash: str = ""
    orders: Mapping[str, OrderRecord] = field(default_factory=Layers)
    standings: Mapping[str, Standing] = field(default_factory=lambda: MappingProxyType({}))
    heirs: Mapping[str, tuple[str, ...]] = field(default_factory=Layers)
    told: Mapping[str, Told] = field(default_factory=lambda: MappingProxyType({}))
    limits: frozenset[str] = frozenset()
    mode: str = ""
    trips: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    at: datetime | None = None

    def after(self, events: Iterable[Event]) -> Book:
        """The book with more events; those it has already are passed over.

        Raises Conflict for a move that is not allowed and StateError for odd data.
        """
        new = [event for event in events if event.seq > self.seq]
        if not new:
            return self
        folding = Folding(self)
        for event in new:
            folding.add(event)
        return folding.book()

    def of(self, account: str) -> Standing:
        """What one account has open and did; empty for one that nothing was written of."""
        return self.standings.get(account, NOTHING)

    @property
    def fills(self) -> tuple[Fill, ...]:
        """Every account's fills, one account after another."""
        return tuple(fill for standing in self.standings.values() for fill in standing.fills)

    @property
    def executions(self) -> int:
        """How many ``fills`` there are."""
        return sum(len(standing.fills) for standing in self.standings.values())


class Folding:
    """A book that grows by one event after another, and is frozen when all are in."""

    def __init__(self, book: Book) -> None:
        """``book`` stays as it is."""
        # Only what these events change is copied: the book may be as long as the desk's history.
        self._before, self._last = book, book.at
        self._newest: Event | None = None
        self._said = book  # what events said that are not about one order
        self._changed: dict[str, OrderRecord] = {}
        self._heirs = _layered(book.heirs)
        self._told = book.told
        self._tallies: dict[str, Tally] = {}

    def add(self, event: Event) -> None:
        """Take in the next event; raises as ``Book.after``."""
        if event.order_id:
            self._order(event)
        else:
            self._said = _told(self._said, event)
            self._account(event)
        if self._last is None or event.at > self._last:
            self._last = event.at
        self._newest = event

    def book(self) -> Book:
        """The book with all of them; nothing may be added afterwards."""
        newest, before, said = self._newest, self._before, self._said
        if newest is None:
            return before
        return Book(
            newest.seq,
            newest.hash,
            _layered(before.orders).put(self._changed),
            self._standings(),
            self._heirs,
            self._told,
            said.limits,
            said.mode,
            said.trips,
            said.differences,
            self._last,
        )

    def _standings(self) -> Mapping[str, Standing]:
        if not self._tallies:
            return self._before.standings
        changed = {name: tally.standing() for name, tally in self._tallies.items()}
        return MappingProxyType({**self._before.standings, **changed})

    def find(self, key: str) -> OrderRecord | None:
        """The order as these events leave it; None for one that was never proposed."""
        found = self._changed.get(key)
        return self._before.orders.get(key) if found is None else found

    def told(self, account: str) -> Told | None:
        """The account as the last verdict on it has it, as these events leave it."""
        return self._told.get(account)

    def _order(self, event: Event) -> None:
        key = event.order_id
        before = self.find(key)
        record = step(before, event)
        replaced = record.order.replaces
        if before is None and replaced:
            self._heirs = self._heirs.put({replaced: (*self._heirs.get(replaced, ()), key)})
            old = self.find(replaced)
            if old is not None:
                record = replace(record, carried=_done(old))
        self._changed[key] = record
        try:
            self._tally(record.order.account).order(before, record, event, self.find)
        except ODD as error:
            raise _odd(event, error) from error
        if before is not None and record.fills != before.fills:
            self._carry(key, record)
        if event.kind == Kind.VERDICT:
            self._hear(event)

    def _account(self, event: Event) -> None:
        if event.kind in (Kind.EQUITY, Kind.ENTRY, Kind.STRATEGY):
            data: Any = event.data
            try:
                self._tally(str(data["account"])).account(event)
            except ODD as error:
                raise _odd(event, error) from error

    def _hear(self, event: Event) -> None:
        """The account that a verdict was given on; one that can't be read is told anew."""
        inputs = event.data.get("inputs")
        said = inputs.get("account") if isinstance(inputs, dict) else None
        if isinstance(said, dict):
            name = str(said.get("account"))
            try:
                known = heard(said, self._told.get(name), event.hash)
            except StateError:
                known = None
            told = {**self._told, name: known}
            self._told = MappingProxyType({n: one for n, one in told.items() if one is not None})

    def _carry(self, key: str, filled: OrderRecord) -> None:
        """What an order filled counts towards those that take its place."""
        for heir in self._heirs.get(key, ()):
            known = self.find(heir)
            if known is not None:
                record = replace(known, carried=_done(filled))
                self._changed[heir] = record
                self._tally(record.order.account).keep(heir, record)
                self._carry(heir, record)

    def _tally(self, account: str) -> Tally:
        if account not in self._tallies:
            self._tallies[account] = Tally(self._before.of(account))
        return self._tallies[account]


def _layered(rows: Mapping[str, V]) -> Layers[str, V]:
    return rows if isinstance(rows, Layers) else Layers(dict(rows))


def _done(record: OrderRecord) -> Decimal:
    return record.carried + record.filled


def _odd(event: Event, error: Exception) -> StateError:
    return StateError(f"event {event.seq} of the journal can't be read: {error!r}")


def _told(book: Book, event: Event) -> Book:
    """The book after an event that is not about one order; an unknown kind changes nothing."""
    data: Any = event.data
    try:
        match event.kind:
            case Kind.MODE:
                return _switched(book, str(data.get("mode", "unknown")))
            case Kind.TRIPPED:
                return replace(book, trips=(*book.trips, str(data["reason"])))
            case Kind.RECONCILED:
                return replace(book, differences=tuple(map(str, data["differences"])))
            case Kind.LIMITS:
                return replace(book, limits=book.limits | {str(data["hash"])})
    except ODD as error:
        raise _odd(event, error) from error
    return book


def _switched(book: Book, name: str) -> Book:
    """A person's word: ACTIVE lifts every stop, anything else may only make it stricter."""
    if name == "ACTIVE":
        return replace(book, mode=name, trips=())
    if book.mode and _rank(book.mode) < _rank(name):
        return book
    return replace(book, mode=name)


def _rank(name: str) -> int:
    return STRICTEST_FIRST.index(name) if name in STRICTEST_FIRST else 0
