"""The journal of one run, in memory: chained like the desk's own, unsigned, gone with the run.

One thread writes it and nobody else reads it, so there is nothing to lock and nothing to outlive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import TracebackType

from tools.domain.errors import StateError
from tools.execution.chain import GENESIS, event_hash
from tools.execution.codec import as_read, canonical
from tools.ports import Clock, Event


class RunLedger:
    """Implements ``tools.ports.Ledger`` for one thread; times are ``clock.wall()``.

    ``hash`` is that of the last event, and so of every order, verdict and fill of the run.
    """

    def __init__(self, clock: Clock) -> None:
        """An empty journal."""
        self._clock = clock
        self._events: list[Event] = []
        self._turn: int | None = None  # how many events there were when it began

    @property
    def hash(self) -> str:
        """The last event's hash, over all events before it."""
        return self._events[-1].hash if self._events else GENESIS

    def events(self, order_id: str | None = None, after: int = 0) -> tuple[Event, ...]:
        """Every event above ``after``, or one order's, oldest first."""
        if after >= len(self._events):
            return ()
        later = self._events[after:]
        if order_id is None:
            return tuple(later)
        return tuple(event for event in later if event.order_id == order_id)

    def transaction(self, fence: int | None = None) -> RunLedger:
        """A writer's turn, when it is entered; what it wrote is taken back when it fails."""
        return self

    def __enter__(self) -> RunLedger:
        if self._turn is not None:
            raise StateError("a transaction of the ledger was begun inside another")
        self._turn = len(self._events)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            del self._events[self._turn :]
        self._turn = None

    def append(self, kind: str, order_id: str, data: Mapping[str, object]) -> Event:
        """Add one event; StateError when its data can't be written as JSON."""
        try:
            text = canonical(data)
        except (TypeError, ValueError, RecursionError) as error:
            raise StateError(f"a {kind} event has data that can't be written: {error}") from error
        at, previous, seq = self._clock.wall(), self.hash, len(self._events) + 1
        own = event_hash(seq, at.isoformat(), str(kind), order_id, text, previous)
        event = Event(seq, at, str(kind), order_id, as_read(data, text), previous, own)
        self._events.append(event)
        return event

    def append_many(
        self, rows: Iterable[tuple[str, str, Mapping[str, object]]]
    ) -> tuple[Event, ...]:
        """Add an event for each kind, order id and data, in that order."""
        return tuple(self.append(*row) for row in rows)

    def lease(self, holder: str, seconds: float, wait_s: float = 0.0) -> OnlySender:
        """There is one sender, so it has its turn at once."""
        return OnlySender()

    def publish(self) -> None:
        """Nothing is signed: whoever doubts a run plays it again."""

    def close(self) -> None:
        """Nothing to let go of."""


class OnlySender:
    """The lease of a desk that nobody else sends for."""

    def acquire(self, wait_s: float = 0.0) -> int:
        """Always at once."""
        return 1

    def renew(self) -> None:
        """It doesn't run out."""

    def release(self) -> None:
        """Nobody waits for it."""

    def __enter__(self) -> int:
        return self.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
