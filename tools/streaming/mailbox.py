"""What waits to be sent to one who watches: everything, or the latest of each when too much."""

from __future__ import annotations

import asyncio
from collections import deque

DEPTH = 500


class Mailbox:
    """Texts by key. While no more than DEPTH wait, each is kept; above that a newer text takes the
    place of the oldest one of its key, and ``skipped`` counts it. For one event loop.
    """

    def __init__(self, depth: int = DEPTH) -> None:
        self._depth = depth
        self._order: deque[tuple[str, str]] = deque()
        self._latest: dict[str, str] = {}
        self._there = asyncio.Event()
        self.skipped = 0

    def put(self, key: str, text: str) -> None:
        """Never waits, never grows above DEPTH and one text for each key."""
        if len(self._order) < self._depth:
            self._order.append((key, text))
        else:
            if key in self._latest:
                self.skipped += 1
            self._latest[key] = text
        self._there.set()

    async def take(self, seconds: float) -> list[str]:
        """All that waits, oldest first; empty after so many seconds without any."""
        if not self._order:
            self._there.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._there.wait()
            except TimeoutError:
                return []
        found = [text for _, text in self._order] + list(self._latest.values())
        self._order.clear()
        self._latest.clear()
        return found

    def skipped_since(self) -> int:
        """How many were skipped since the last call."""
        count, self.skipped = self.skipped, 0
        return count
