"""Where orders go out, and where all that is done with them is written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import TracebackType
from typing import Protocol

from tools.domain.actions import Entry
from tools.domain.making import quickly_made
from tools.domain.order import Order
from tools.domain.venue import Accepts, VenueAccount, VenueOrder


class News(Protocol):
    """An open line to a venue, closed by ``close``."""

    def connected(self) -> bool:
        """Whether news arrive; False from the moment the line is known or suspected to be down."""
        ...

    def close(self) -> None:
        """Hang up; nothing is heard after it returns."""
        ...


class Broker(Protocol):
    """Where approved orders go. Idempotent on the client order id.

    ``submit`` and ``replace`` raise BrokerRejected when the venue proved that it refused, and
    OutcomeUnknown when its answer did not arrive. ``unique_ids`` says that the venue itself keeps a
    client order id unique and that its "never seen" is proof: only then may a lost order be sent
    again. ``real_money`` says that its trades move real money; ``simulated_fills`` that it fills at
    this desk's own prices, so that it can play the past and lends any share. Not every venue
    without real money does: one that somebody else simulates has a market of its own. ``accepts``
    is the matrix of what it takes. All other calls raise OutcomeUnknown when the
    venue doesn't answer.
    """

    name: str
    real_money: bool
    simulated_fills: bool
    unique_ids: bool
    accepts: tuple[Accepts, ...]

    def submit(
        self, order: Order, worst_price: Decimal | None = None, *, at: datetime | None = None
    ) -> VenueOrder:
        """Send once; a second call with the same client order id returns the first one's order.

        ``worst_price`` is the gate's collar: a market order must not fill at a worse one. ``at``
        is the market moment of sending (aware UTC), None for the order's own: a simulated venue
        must not fill at a price from before it.
        """
        ...

    def replace(
        self, order: Order, worst_price: Decimal | None = None, *, at: datetime | None = None
    ) -> VenueOrder:
        """Put ``order`` in the place of the one it ``replaces``; idempotent like ``submit``.

        The answer is on the new order; a lookup of the old one then says REPLACED, or CANCELED
        where it is ended before the new one is sent, with its fills. Both never trade at once: what
        the old one filled counts towards the new quantity. Raises BrokerRejected when nothing of
        the new one is there: the old one is then as its lookup says, and may have ended.
        """
        ...

    def lookup(self, client_order_id: str) -> VenueOrder | None:
        """The venue's word, None when it has never seen the id. Finds exits by their own ids."""
        ...

    def cancel(self, client_order_id: str) -> VenueOrder:
        """Ask for a cancel; the answer may still be a fill that came first, or PENDING_CANCEL.

        Raises NotFound for an id the venue has never seen, OutcomeUnknown without an answer.
        """
        ...

    def cancel_all(self) -> None:
        """Ask to cancel every open order of the account, whoever sent it."""
        ...

    def open_orders(self) -> tuple[VenueOrder, ...]:
        """Every order of the account that may still trade, also those sent past this desk."""
        ...

    def account(self) -> VenueAccount:
        """Cash and positions as the venue keeps them."""
        ...

    def entries(self, after: str = "") -> tuple[Entry, ...]:
        """What changed the account without a trade since the entry ``after``, oldest first.

        Each is told again the same way under its own id, which is to be booked once. The empty id,
        and one that is not known, means all of them. ``account`` has them in it.
        """
        ...

    def listen(self, heard: Callable[[str], None]) -> News:
        """Call ``heard`` with a client order id, from another thread, whenever there may be news.

        Every call is a hint and may come twice, late or never: the truth is what ``lookup`` says.
        The empty id means that anything may have changed.
        """
        ...


@quickly_made
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

    def append_many(
        self, rows: Iterable[tuple[str, str, Mapping[str, object]]]
    ) -> tuple[Event, ...]:
        """Add an event for each kind, order id and data, in that order."""
        ...


class Lease(Protocol):
    """The right to be the one sender for a while; entered, it is taken and gives its token.

    The token grows with every holder. It is what protects: a wall clock may jump and a process may
    sleep past its lease, but a transaction under an older token is refused.
    """

    def acquire(self, wait_s: float = 0.0) -> int:
        """Take it; the token. Conflict when another holds it for more than ``wait_s`` seconds.

        A holder that died, gave it back or let it run out is followed at once.
        """
        ...

    def renew(self) -> None:
        """Make it last its full time from now; Conflict when another has taken it over."""
        ...

    def release(self) -> None:
        """Give it back; nothing happens to one that was taken over, or never taken."""
        ...

    def __enter__(self) -> int: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...


class Ledger(Protocol):
    """The append-only journal, one order of events for every process that shares it.

    Raises StateError when it can't be read or written; a desk that can't journal sends nothing.
    """

    def events(self, order_id: str | None = None, after: int = 0) -> tuple[Event, ...]:
        """Every event with a ``seq`` above ``after``, or one order's, oldest first."""
        ...

    def transaction(self, fence: int | None = None) -> AbstractContextManager[Transaction]:
        """The only way to write: serialised against every other process, all or nothing.

        Under the token ``fence`` of a lease, Conflict is raised before anything is read when that
        lease was given back or a newer token was given; a lease that holds is renewed when half of
        its time has gone.
        """
        ...

    def lease(self, holder: str, seconds: float, wait_s: float = 0.0) -> Lease:
        """The one sender's lease, not yet taken.

        ``holder`` is its name for people, ``seconds`` how long it lasts without renewal. Entering
        it waits up to ``wait_s`` seconds.
        """
        ...

    def publish(self) -> None:
        """Sign a head over all events, if there are new ones, and keep it in the second place.

        Also done by itself every so many events. Raises StateError when it can't be.
        """
        ...

    def close(self) -> None:
        """Publish the last head if that can be done, and let go of the database."""
        ...
