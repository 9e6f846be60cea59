"""The journal over any store: append-only, gapless, each event chained to the one before.

An event is durable when its transaction ends. Any number of threads and processes may share the
database; their transactions are serialised. Each event's own hash is checked whenever it is read,
so a desk stops at an edited line; ``audit.py`` checks the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tools.domain.errors import StateError
from tools.execution.chain import GENESIS, event_hash, event_of
from tools.execution.codec import as_read, canonical
from tools.execution.group import Group
from tools.execution.heads import Heads
from tools.execution.lease import Lease, check_fence
from tools.execution.publishing import publish
from tools.execution.seal import Seal
from tools.execution.signing_key import SigningKey
from tools.execution.store import End, Store
from tools.execution.turns import Turns
from tools.ports import Clock, Event

# A head is signed after this many events or this long, whichever comes first.
HEAD_EVENTS = 1_000
HEAD_EVERY = timedelta(seconds=60)
WAIT_S = 5.0


class ChainedLedger:
    """Implements ``tools.ports.Ledger``; times are ``clock.wall()``.

    ``unsigned`` says why no head could be signed lately, empty when all is well: an order is not
    held up by a second disk that is full, but somebody must be told.
    """

    def __init__(self, store: Store, clock: Clock, heads: Path, key: SigningKey) -> None:
        """Check where the journal in ``store`` ends; ``heads`` is the file for signed heads."""
        check_end(store)
        self._store, self._clock = store, clock
        self._heads, self._seal = Heads(heads, key), Seal(store, key)
        self._turns = Turns(self._begin, self._commit, self._sign_when_due, WAIT_S)
        self._end = End(0, GENESIS, "")
        self._signed: tuple[int, datetime] | None = None
        self.unsigned = ""

    def events(self, order_id: str | None = None, after: int = 0) -> tuple[Event, ...]:
        """Every event above ``after``, or one order's, oldest first; StateError when unreadable."""
        where = self._store.where
        return tuple(event_of(row, where) for row in self._store.read(order_id, after))

    @contextmanager
    def transaction(self, fence: int | None = None) -> Iterator[ChainedTransaction]:
        """One writer's turn: all or nothing, durable when it ends.

        Under the token ``fence`` of a lease, Conflict is raised when a newer one was given.
        """
        with self._turns.turn() as group, group.all_or_nothing():
            if fence is not None:
                check_fence(group, fence, self._clock.wall())
            transaction = ChainedTransaction(group, self._clock)
            try:
                yield transaction
            finally:
                transaction.ended = True

    def lease(self, holder: str, seconds: float, wait_s: float = 0.0) -> Lease:
        """The one sender's lease, not yet taken; entered, it gives its token."""
        return Lease(self._turn, self._store, self._clock, holder, seconds, wait_s)

    def publish(self) -> None:
        """Sign a head over all events and put it into the heads file, if there are new ones.

        Raises StateError when the head can't be signed or kept; the events are safe all the same.
        """
        with self._turns.alone():
            try:
                self._publish()
            except StateError as error:
                self.unsigned = str(error)
                raise

    def close(self) -> None:
        """Sign the last head, if it can be, and let go of this thread's connection."""
        try:
            with self._turns.alone():
                self._sign_when_due(now=True)
        finally:
            self._store.close()

    @contextmanager
    def _turn(self) -> Iterator[Group]:
        with self._turns.turn() as group, group.all_or_nothing():
            yield group

    def _begin(self) -> Group:
        group = Group(self._store)
        if group.start != self._end:  # another process wrote it, or somebody else did
            try:
                self._seal.check(group.start)
            except BaseException:
                self._store.rollback()
                raise
        return group

    def _commit(self, group: Group) -> None:
        self._end = group.commit(self._seal)

    def _sign_when_due(self, *, now: bool = False) -> None:
        wall = self._clock.wall()
        if self._signed is not None and not now:
            size, at = self._signed
            if self._end.seq - size < HEAD_EVENTS and abs(wall - at) < HEAD_EVERY:
                return
        self._signed = self._end.seq, wall
        try:
            self._publish()
        except StateError as error:
            self.unsigned = str(error)

    def _publish(self) -> None:
        at = self._clock.wall()
        self._signed = publish(self._store, self._seal, self._heads, at), at
        self.unsigned = ""


def check_end(store: Store) -> None:
    """Raise StateError when the journal does not end where it was counted to end."""
    counted, last = store.ends()
    if counted is None:
        raise StateError(f"{store.where} has lost its head; put a sound copy back")
    end = (0, GENESIS)
    if last is not None:
        event = event_of(last, store.where)
        end = (event.seq, event.hash)
    if (counted.seq, counted.hash) != end:
        raise StateError(
            f"{store.where} ends at event {end[0]}, but {counted.seq} events were counted; some "
            "were lost or added. Nothing is sent. Run `tollgate audit verify` and put a sound "
            "copy back"
        )


class ChainedTransaction:
    """Implements ``tools.ports.Transaction``; of use only inside ``Ledger.transaction``."""

    def __init__(self, group: Group, clock: Clock) -> None:
        """Made by the ledger."""
        self._group, self._clock = group, clock
        self.ended = False

    def events(self, order_id: str | None = None, after: int = 0) -> tuple[Event, ...]:
        """Every event above ``after``, or one order's, oldest first."""
        self._still_open()
        return self._group.events(order_id, after)

    def append(self, kind: str, order_id: str, data: Mapping[str, object]) -> Event:
        """Add one event; StateError when its data can't be written as JSON."""
        self._still_open()
        kind, order_id = _plain(kind), _plain(order_id)  # a Kind is read back as plain text
        try:
            text = canonical(data)
        except (TypeError, ValueError, RecursionError) as error:
            raise StateError(f"a {kind} event has data that can't be written: {error}") from error
        seq, previous = self._group.end
        seq += 1
        at = self._clock.wall()
        if at.tzinfo is not UTC:
            at = at.astimezone(UTC)
        at_text = at.isoformat()
        own = event_hash(seq, at_text, kind, order_id, text, previous)
        event = Event(seq, at, kind, order_id, as_read(data, text), previous, own)
        self._group.add((seq, at_text, kind, order_id, text, previous, own), event)
        return event

    def append_many(
        self, rows: Iterable[tuple[str, str, Mapping[str, object]]]
    ) -> tuple[Event, ...]:
        """Add an event for each kind, order id and data, in that order."""
        return tuple(self.append(*row) for row in rows)

    def _still_open(self) -> None:
        if self.ended:
            raise StateError("this transaction of the ledger has ended")


def _plain(text: str) -> str:
    """The text as ``str`` itself; StateError for what no database can keep."""
    text = str(text)
    if "\x00" in text or (not text.isascii() and not _encodable(text)):
        raise StateError(f"{text!r} can't be written to the ledger")
    return text


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
