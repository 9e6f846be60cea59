"""The desk's reading and writing of the ledger: one book, brought up to date by what is new."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tools.domain.errors import Conflict, StateError
from tools.execution.book import Book, Folding
from tools.execution.record import OrderRecord
from tools.execution.told import Told
from tools.ports import Event, Lease, Ledger, Transaction


class Page:
    """The book inside a transaction: it can't change under the reader's hands.

    Every event written is folded at once, so one that the order's state doesn't allow raises
    Conflict and the whole transaction is undone.
    """

    def __init__(self, transaction: Transaction, book: Book) -> None:
        """Made by ``Journal.writing``."""
        self._transaction = transaction
        self._book = book
        self._folding: Folding | None = None

    @property
    def book(self) -> Book:
        """The book with all that was written so far."""
        if self._folding is not None:
            self._book, self._folding = self._folding.book(), None
        return self._book

    def order(self, key: str) -> OrderRecord:
        """One order as what was written so far leaves it; quicker than to ask ``book`` for it."""
        found = self._book.orders.get(key) if self._folding is None else self._folding.find(key)
        if found is None:
            raise KeyError(key)
        return found

    def told(self, account: str) -> Told | None:
        """An account as the last verdict on it has it; quicker as well."""
        if self._folding is None:
            return self._book.told.get(account)
        return self._folding.told(account)

    def write(self, kind: str, order_id: str, data: Mapping[str, object]) -> Event:
        """Add one event; raises Conflict for a move that is not allowed."""
        event = self._transaction.append(kind, order_id, data)
        if self._folding is None:
            self._folding = Folding(self._book)
        self._folding.add(event)
        return event


class Journal:
    """A ledger seen as a Book. Raises StateError when it can't be read, written or believed."""

    def __init__(self, ledger: Ledger) -> None:
        """The ledger may be shared with other threads and processes."""
        self._ledger = ledger
        self._guard = threading.Lock()
        self._book = Book()
        self._ahead = self._book

    def read(self) -> Book:
        """All orders and the switch as they are now."""
        known = self._known()
        new = self._ledger.events(after=known.seq)
        return self._keep(_believed(known, new)) if new else known

    def publish(self) -> None:
        """Sign a head over all events into the second place; StateError when it can't be kept."""
        self._ledger.publish()

    @contextmanager
    def writing(self, fence: int | None = None) -> Iterator[Page]:
        """One writer's turn over every process; all that is written is kept, or none of it.

        Under the token ``fence`` of the sender's lease, Conflict when that is no longer the newest.
        """
        with self._ledger.transaction(fence) as transaction:
            page = Page(transaction, self._now(transaction))
            yield page
            self._ahead = page.book  # for the next turn, which may come before the commit
        self._keep(page.book)

    def lease(self, holder: str, seconds: float, wait_s: float) -> Lease:
        """The one sender's lease, not yet taken."""
        return self._ledger.lease(holder, seconds, wait_s)

    def _now(self, transaction: Transaction) -> Book:
        """The book at the end of what this turn sees.

        The last turn's is gone on from where its last event is still there: an event's hash is one
        of all before it. It isn't where the commit failed, or where somebody else wrote.
        """
        known, ahead = self._known(), self._ahead
        if ahead.hash and ahead.seq > known.seq:
            events = transaction.events(after=ahead.seq - 1)
            if events and events[0].hash == ahead.hash:
                return _believed(ahead, events[1:])
        return _believed(known, transaction.events(after=known.seq))

    def _known(self) -> Book:
        return self._book  # a single reference, whole at any time

    def _keep(self, book: Book) -> Book:
        with self._guard:
            if book.seq > self._book.seq:
                self._book = book
            return book


def _believed(book: Book, events: tuple[Event, ...]) -> Book:
    try:
        return book.after(events)
    except Conflict as error:
        raise StateError(
            f"the journal tells an impossible story ({error}); nothing is sent. Run "
            "`tollgate audit verify` and put a sound copy back"
        ) from error
