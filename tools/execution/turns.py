"""Group commit: the writers of one process take turns, and those in the queue share one COMMIT.

A turn sees all that the turns before it wrote. Whoever finds nobody waiting behind it commits for
the whole group, and nobody leaves before that: not even a writer that gave up, for what it read to
decide so must be durable before it tells anyone.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from tools.domain.errors import StateError

G = TypeVar("G")

# So that a process under load does not keep the database from every other for long.
MOST_TURNS = 128


class _Shared(Generic[G]):
    """One group: what was begun, how many turns it had, who waits for its commit, how that went."""

    def __init__(self, group: G) -> None:
        self.group = group
        self.turns = 0
        self.waiting: list[threading.Lock] = []
        self.error: BaseException | None = None


class Turns(Generic[G]):
    """The queue of one ledger's writers in this process; first come, first served."""

    def __init__(
        self,
        begin: Callable[[], G],
        commit: Callable[[G], None],
        then: Callable[[], None],
        wait_s: float,
    ) -> None:
        """``begin`` locks the database, ``commit`` ends that one way or the other.

        ``then`` runs after a commit, before the next begin; it must not raise. A writer waits for
        its turn for up to ``wait_s`` seconds.
        """
        self._begin, self._commit, self._then = begin, commit, then
        self._wait_s = wait_s
        self._reset()

    def _reset(self) -> None:
        self._pid = os.getpid()
        self._guard = threading.Lock()
        # Each writer has a lock of its own: let go when its turn has come, then when all is over.
        self._queue: deque[threading.Lock] = deque()
        self._taken = False
        self._holder = 0
        self._shared: _Shared[G] | None = None

    @contextmanager
    def turn(self) -> Iterator[G]:
        """This thread's turn; StateError when it is begun inside another or does not come."""
        place = self._take()
        shared = self._shared
        if shared is None:
            try:
                shared = self._shared = _Shared(self._begin())
            except BaseException:
                self._pass_on()
                raise
        try:
            yield shared.group
        finally:
            if self._leave(place):
                place.acquire()
        if shared.error is not None:
            raise StateError(str(shared.error)) from shared.error

    @contextmanager
    def alone(self) -> Iterator[None]:
        """This thread's turn with no group open; the database is not locked."""
        self._take()
        try:
            if self._shared is not None:
                self._close(self._shared)
            yield
        finally:
            self._pass_on()

    def _take(self) -> threading.Lock:
        """Wait for the turn; the lock to wait at afterwards, held."""
        if self._pid != os.getpid():
            self._reset()  # a forked child has none of the threads that held the turn
        if self._holder == threading.get_ident():
            raise StateError("a transaction of the ledger was begun inside another")
        place = threading.Lock()
        place.acquire()
        with self._guard:
            if not self._taken:
                self._taken, self._holder = True, threading.get_ident()
                return place
            self._queue.append(place)
        try:
            came = place.acquire(timeout=self._wait_s)
        except BaseException:
            if not self._withdraw(place):
                self._leave()
            raise
        if not came:
            if self._withdraw(place):
                raise StateError(
                    f"the ledger was busy in this process for more than {self._wait_s:g} s; "
                    "try again"
                )
            place.acquire()  # it came at the last moment
        self._holder = threading.get_ident()
        return place

    def _withdraw(self, place: threading.Lock) -> bool:
        """Leave the queue; False when it is not there any more."""
        with self._guard:
            if place not in self._queue:
                return False
            self._queue.remove(place)
            return True

    def _leave(self, place: threading.Lock | None = None) -> bool:
        """End a turn: hand the open group on, or close it when there is nobody to hand it to.

        True when ``place`` will be let go at the end of the group.
        """
        handed_on = False
        try:
            if self._shared is not None:
                self._shared.turns += 1
                handed_on = self._hand_on(self._shared, place)
                if not handed_on:
                    self._close(self._shared)
        finally:
            if not handed_on:
                self._pass_on()
        return handed_on

    def _hand_on(self, shared: _Shared[G], place: threading.Lock | None) -> bool:
        with self._guard:
            if not self._queue or shared.turns >= MOST_TURNS:
                return False
            if place is not None:
                shared.waiting.append(place)
            self._grant()
            return True

    def _close(self, shared: _Shared[G]) -> None:
        try:
            self._commit(shared.group)
        except Exception as error:  # noqa: BLE001 - each writer of the group raises it
            shared.error = error
        except BaseException as error:
            shared.error = error
            raise
        finally:
            self._shared = None
            for place in shared.waiting:
                place.release()
        if shared.error is None:
            self._then()

    def _grant(self) -> None:
        """Give the turn to the first in the queue; the guard is held."""
        self._holder = 0
        self._queue.popleft().release()

    def _pass_on(self) -> None:
        with self._guard:
            self._holder = 0
            if self._queue:
                self._grant()
            else:
                self._taken = False
