"""Answers that serve for a while."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from tools.ports import Clock

T = TypeVar("T")


class Lately:
    """What was asked before, by ``clock.wall()``; under one key there is one kind of answer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[object, tuple[datetime, Any]] = {}

    def ask(self, key: object, age: timedelta, question: Callable[[], T]) -> T:
        """What ``question`` gave when it was last asked under ``key``, if that isn't older.

        A clock that was set back makes nothing older. What is raised is not kept.
        """
        now = self._clock.wall()
        kept = self._kept.get(key)
        if kept is None or not timedelta(0) <= now - kept[0] < age:
            kept = self._kept[key] = now, question()
        found: T = kept[1]
        return found
