"""Where a feed's thread puts what it heard, and the event loop takes it from."""

from __future__ import annotations

import asyncio
import threading
from collections import deque

from tools.streaming.source import Datum

DEPTH = 50_000


class Inbox:
    """Bounded. ``put`` returns at once and lets the oldest go; ``put_waiting`` waits for room."""

    def __init__(self, loop: asyncio.AbstractEventLoop, depth: int = DEPTH) -> None:
        self._loop, self._depth = loop, depth
        self._data: deque[tuple[Datum, float]] = deque()
        self._room = threading.Condition()
        self._there = asyncio.Event()
        self._closed = False
        self._taken = 0
        self.dropped = 0

    @property
    def pending(self) -> int:
        """What waits, and what was taken and is not yet ``done``."""
        with self._room:
            return len(self._data) + self._taken

    def done(self, count: int) -> None:
        """So many of those taken were worked off."""
        with self._room:
            self._taken -= count

    def put(self, datum: Datum, at: float = 0.0) -> None:
        """From any thread; ``at`` is any mark that comes out with it."""
        with self._room:
            if self._closed:
                return
            if len(self._data) >= self._depth:
                self._data.popleft()
                self.dropped += 1
            self._add(datum, at)

    def put_waiting(self, datum: Datum, at: float = 0.0) -> None:
        """From any thread but the loop's."""
        with self._room:
            while len(self._data) >= self._depth and not self._closed:
                self._room.wait()
            if not self._closed:
                self._add(datum, at)

    def _add(self, datum: Datum, at: float) -> None:
        self._data.append((datum, at))
        if len(self._data) == 1:
            self._loop.call_soon_threadsafe(self._there.set)

    async def take(self, most: int) -> list[tuple[Datum, float]]:
        """The oldest, at least one; empty when it was closed."""
        while True:
            with self._room:
                found = [self._data.popleft() for _ in range(min(most, len(self._data)))]
                if not self._data:
                    self._there.clear()
                self._taken += len(found)
                if found or self._closed:
                    self._room.notify_all()
                    return found
            await self._there.wait()

    def close(self) -> None:
        """Take nothing more, and let go of whoever waits for room. From the loop's thread."""
        with self._room:
            self._closed = True
            self._room.notify_all()
        self._there.set()
