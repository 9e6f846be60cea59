"""Works out anew what moved, in a part of the time, so that prices never wait for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

SHARE = 0.25
"""At most so much of one core; what moves meanwhile is worked out once, as it is then."""


class Refreshing:
    """``moved`` says that a symbol's values are old; each is worked out after its last move.

    For one event loop. What is worked out while much moves is less often, never older.
    """

    def __init__(self, refresh: Callable[[str], Awaitable[float]], share: float = SHARE) -> None:
        """``refresh`` gives the seconds that it kept the loop busy."""
        self._refresh, self._rest = refresh, 1 / share - 1
        self._waiting: dict[str, None] = {}
        self._there = asyncio.Event()
        self._busy = False

    def moved(self, symbol: str) -> None:
        """Its turn comes after those that wait already."""
        self._waiting[symbol] = None
        self._there.set()

    @property
    def idle(self) -> bool:
        """Whether everything that moved was worked out."""
        return not self._waiting and not self._busy

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await self._there.wait()
            symbol = next(iter(self._waiting))
            del self._waiting[symbol]
            if not self._waiting:
                self._there.clear()
            self._busy = True
            began = time.perf_counter()
            try:
                spent = await self._refresh(symbol)
            finally:
                self._busy = False
            due = began + spent * (1 + self._rest)
            await asyncio.sleep(max(due - time.perf_counter(), 0))
