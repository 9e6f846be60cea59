"""The openings in the wall, on one page: what the desk needs from the world outside.

All instants are aware UTC. All money, prices and quantities are Decimal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from tools.domain.instrument import Instrument
from tools.domain.market import AsOf, Bar, Quote
from tools.domain.order import Fill, Order, OrderState


class Clock(Protocol):
    """Two times: the market's, which a sample or a backtest simulates, and the wall's."""

    def now(self) -> datetime:
        """The market moment the desk trades at."""
        ...

    def wall(self) -> datetime:
        """The real time, for journals and for approvals that expire."""
        ...


class MarketData(Protocol):
    """Prices known at ``as_of``. Unknown symbols and empty ranges raise DataUnavailable."""

    def instruments(self) -> tuple[Instrument, ...]:
        """What can be asked for by name without a network; a feed may know more."""
        ...

    def instrument(self, symbol: str) -> Instrument:
        """The listing of a symbol; raises DataUnavailable with near matches when unknown."""
        ...

    def history(self, symbol: str, as_of: datetime) -> AsOf:
        """Every daily bar known at ``as_of``, oldest first; never empty."""
        ...

    def quote(self, symbol: str, as_of: datetime) -> Quote:
        """Bid and ask known at ``as_of``; says whether it is simulated."""
        ...

    def bars_after(self, symbol: str, moment: datetime, until: datetime) -> Sequence[Bar]:
        """Bars that opened at or after ``moment`` and were known by ``until``, oldest first.

        Empty when there are none. For the venue's fills only.
        """
        ...

    def latest(self) -> datetime:
        """The last moment the default feed knows: where a simulated clock stands."""
        ...


@dataclass(frozen=True, slots=True)
class VenueOrder:
    """The venue's word on one order: its state there and every execution so far."""

    client_order_id: str
    state: OrderState
    fills: tuple[Fill, ...]
    reason: str = ""


class Broker(Protocol):
    """Where approved orders go. Idempotent on the client order id.

    ``submit`` raises BrokerRejected when the venue proved that it refused, and OutcomeUnknown when
    its answer did not arrive. ``unique_ids`` says that the venue itself keeps a client order id
    unique and that its "never seen" is proof: only then may a lost order be sent again.
    """

    name: str
    simulated: bool
    unique_ids: bool

    def submit(
        self, order: Order, worst_price: Decimal | None = None, *, at: datetime | None = None
    ) -> VenueOrder:
        """Send once; a second call with the same client order id returns the first one's order.

        ``worst_price`` is the gate's collar: a market order must not fill at a worse one. ``at``
        is the market moment of sending (aware UTC), None for the order's own: a simulated venue
        must not fill at a price from before it.
        """
        ...

    def lookup(self, client_order_id: str) -> VenueOrder | None:
        """The venue's word, None when it has never seen the id."""
        ...

    def cancel(self, client_order_id: str) -> VenueOrder:
        """Ask for a cancel; the answer may still be a fill that came first.

        Raises NotFound for an id the venue has never seen, OutcomeUnknown without an answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the ledger; ``seq`` is gapless from 1 and ``hash`` chains over ``previous``."""

    seq: int
    at: datetime
    kind: str
    order_id: str
    data: Mapping[str, object]
    previous: str
    hash: str


class Transaction(Protocol):
    """One writer's view inside ``Ledger.transaction``: what it reads can't change meanwhile."""

    def events(self, order_id: str | None = None, after: int = 0) -> tuple[Event, ...]:
        """Every event with a ``seq`` above ``after``, or one order's, oldest first."""
        ...

    def append(self, kind: str, order_id: str, data: Mapping[str, object]) -> Event:
        """Add one event; durable when the transaction ends without an error."""
        ...


class Ledger(Protocol):
    """The append-only journal, one order of events for every process that shares it.

    Raises StateError when it can't be read or written; a desk that can't journal sends nothing.
    """

    def events(self, order_id: str | None = None, after: int = 0) -> tuple[Event, ...]:
        """Every event with a ``seq`` above ``after``, or one order's, oldest first."""
        ...

    def transaction(self) -> AbstractContextManager[Transaction]:
        """The only way to write: serialised against every other process, all or nothing."""
        ...
