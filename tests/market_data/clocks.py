"""A clock that a test sets."""

from __future__ import annotations

from datetime import datetime, timedelta


class SetClock:
    def __init__(self, wall: datetime) -> None:
        self._wall = wall

    def now(self) -> datetime:
        raise AssertionError("the market data must not ask for the desk's own time")

    def wall(self) -> datetime:
        return self._wall

    def advance(self, step: timedelta) -> None:
        self._wall += step
