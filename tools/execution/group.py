"""What one COMMIT will write: the events of a group of turns, still in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tools.execution.chain import Row, event_of
from tools.execution.seal import Seal
from tools.execution.store import End, LeaseRow, Store
from tools.ports import Event


class Group:
    """The end of the journal as this process sees it while it keeps every other writer out.

    Events wait here until the commit, so that a turn that fails is undone by forgetting them.
    """

    def __init__(self, store: Store) -> None:
        """Locks the database; StateError when it can't."""
        self._store = store
        self.start = store.begin()
        self._rows: list[Row] = []
        self._events: list[Event] = []
        self._lease: LeaseRow | None = None
        self._lease_changed = False

    @property
    def end(self) -> tuple[int, str]:
        """The last event's number and hash."""
        if not self._rows:
            return self.start.seq, self.start.hash
        return self._rows[-1][0], self._rows[-1][6]

    def add(self, row: Row, event: Event) -> None:
        """One more event, sealed over ``end``."""
        self._rows.append(row)
        self._events.append(event)

    def events(self, order_id: str | None, after: int) -> tuple[Event, ...]:
        """What is in the database and what waits here."""
        new = tuple(self._events[max(0, after - self.start.seq) :])
        if order_id is not None:
            new = tuple(event for event in new if event.order_id == order_id)
        if after >= self.start.seq:
            return new
        where = self._store.where
        return tuple(event_of(r, where) for r in self._store.select(order_id, after)) + new

    def lease(self) -> LeaseRow:
        """The lease as it will be committed."""
        if self._lease is None:
            self._lease = self._store.lease()
        return self._lease

    def change_lease(self, row: LeaseRow) -> None:
        """Another lease, from the commit on."""
        self._lease, self._lease_changed = row, True

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """One turn: an error undoes what it did, and only that."""
        count, lease, changed = len(self._rows), self._lease, self._lease_changed
        try:
            yield
        except BaseException:
            self._lease, self._lease_changed = lease, changed
            del self._rows[count:], self._events[count:]
            raise

    def commit(self, seal: Seal) -> End:
        """Write all of it, durably, and where the journal ends now; StateError leaves nothing."""
        if not (self._rows or self._lease_changed):
            self._store.rollback()
            return self.start
        lease = self._lease if self._lease_changed else None
        end = self.start
        if self._rows:
            try:
                end = End(*self.end, seal.on(*self.end))
            except BaseException:
                self._store.rollback()
                raise
        self._store.commit(self._rows, end.seal, lease)
        return end
