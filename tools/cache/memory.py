"""A cache in the memory of this process: the least recently used goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

LARGEST = 64 * 2**20


class MemoryCache:
    """Implements ``tools.ports.Cache``; holds at most ``largest`` bytes of keys and values."""

    def __init__(self, largest: int = LARGEST, tick: Callable[[], float] = monotonic) -> None:
        """``tick`` counts seconds, and not those of any market."""
        self._largest = largest
        self._tick = tick
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        """What was put, None when its time is over or others took its place."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            if found[0] <= self._tick():
                self._drop(key)
                return None
            self._kept.move_to_end(key)
            return found[1]

    def put(self, key: str, value: bytes, seconds: float) -> None:
        """Keep it for at most ``seconds``; what alone is larger than all room is not kept."""
        with self._lock:
            self._drop(key)
            size = _size(key, value)
            if not seconds > 0 or size > self._largest:
                return
            while self._size + size > self._largest:
                self._drop(next(iter(self._kept)))
            self._kept[key] = self._tick() + seconds, bytes(value)
            self._size += size

    def delete(self, key: str) -> None:
        """Forget it."""
        with self._lock:
            self._drop(key)

    def _drop(self, key: str) -> None:
        found = self._kept.pop(key, None)
        if found is not None:
            self._size -= _size(key, found[1])


def _size(key: str, value: bytes) -> int:
    return len(key) + len(value)
