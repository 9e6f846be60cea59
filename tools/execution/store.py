"""What a database must do to keep the journal; the rules of the journal itself are above it.

Every method raises StateError with a sentence when the database can't be read or written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from tools.execution.chain import Row


@dataclass(frozen=True, slots=True)
class End:
    """Where the journal was counted to end: the last event's number and hash, and the seal on them.

    ``seal`` is a signature as hex, empty in a journal from before there were seals.
    """

    seq: int
    hash: str
    seal: str


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """Who may send: ``until`` is a wall time (aware UTC, ISO text), empty when given back.

    ``token`` only ever grows; ``seconds`` is what was asked for, from the last renewal on.
    """

    token: int
    holder: str
    until: str
    seconds: float


@dataclass(frozen=True, slots=True)
class HeadRow:
    """The ``n``-th signed head as it was published, and the tree's peaks to go on from."""

    n: int
    line: str
    peaks: str


class Presence(Protocol):
    """A lock of the operating system or the server that ends with the process that holds it."""

    def end(self) -> None:
        """Let go of it, for ever."""
        ...


class Store(Protocol):
    """One journal in one database, as one process uses it.

    ``begin`` to ``commit`` or ``rollback`` is one writer's, whatever thread calls; ``read``,
    ``lease_now`` and ``presence`` may be called by any thread at any time.
    """

    @property
    def where(self) -> str:
        """The place's name for people, without a password."""
        ...

    def ends(self) -> tuple[End | None, Row | None]:
        """What was counted and the last event, as of one moment."""
        ...

    def read(self, order_id: str | None, after: int) -> Sequence[Row]:
        """The committed rows above ``after``, or one order's, oldest first."""
        ...

    def lease_now(self) -> LeaseRow:
        """The lease as last committed."""
        ...

    def presence(self, token: int) -> Presence | None:
        """The lock that the holder of ``token`` keeps while it lives; None when it does."""
        ...

    def begin(self) -> End:
        """Lock out every other writer; where the journal ends."""
        ...

    def select(self, order_id: str | None, after: int) -> Sequence[Row]:
        """Like ``read``, by the writer."""
        ...

    def lease(self) -> LeaseRow:
        """The lease, by the writer."""
        ...

    def last_head(self) -> HeadRow | None:
        """The newest published head, by the writer; None before the first."""
        ...

    def hashes(self, after: int) -> Iterator[str]:
        """Every event's hash above ``after``, oldest first, by the writer."""
        ...

    def commit(
        self,
        rows: Sequence[Row],
        seal: str = "",
        lease: LeaseRow | None = None,
        heads: Sequence[HeadRow] = (),
    ) -> None:
        """Write all of it, with the seal on the end after ``rows`` (none: as it was).

        Durable on return; an error leaves nothing and ends the turn.
        """
        ...

    def rollback(self) -> None:
        """End the writer's turn with nothing written; never raises."""
        ...

    def close(self) -> None:
        """Let go of every connection of this thread and of the writer; the next use reopens."""
        ...
