"""How long a bar is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from tools.domain.errors import InputError


class Unit(StrEnum):
    """What a timeframe counts; a day is a session, and weeks and months are made of sessions."""

    SECOND = "s"
    MINUTE = "m"
    HOUR = "h"
    DAY = "d"
    WEEK = "w"
    MONTH = "mo"


SECONDS = {Unit.SECOND: 1, Unit.MINUTE: 60, Unit.HOUR: 3600}
_SHAPE = re.compile(r"([1-9][0-9]{0,3})\s*(s|m|h|d|w|mo)")
_WORDS = {"min": "m", "hour": "h", "day": "d", "week": "w", "month": "mo"}


@dataclass(frozen=True, slots=True)
class Timeframe:
    """``count`` units: 5m, 1h, 1d. Below a day it is a length of time, from a day on sessions."""

    count: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Timeframe:
        """``5m``, ``1 hour`` or ``1D``; raises InputError for anything else, or above a session.

        A small ``m`` is a minute; a month is ``mo``.
        """
        plain = text.strip().lower()
        for word, short in _WORDS.items():
            plain = re.sub(rf"{word}s?$", short, plain)
        found = _SHAPE.fullmatch(plain)
        if found is None:
            raise InputError(
                f"{text.strip()[:20]!r} is no timeframe: use a number and s, m, h, d, w or mo, "
                "such as 5m, 1h or 1d."
            )
        frame = cls(int(found[1]), Unit(found[2]))
        if frame.intraday and frame.length > timedelta(days=1):
            raise InputError(f"{text.strip()[:20]!r} is longer than a day: count in d, w or mo.")
        return frame

    @property
    def intraday(self) -> bool:
        """Whether it is shorter than a session."""
        return self.unit in SECONDS

    @property
    def length(self) -> timedelta:
        """How long one bar lasts; raises InputError from a day on, where sessions decide."""
        if self.unit not in SECONDS:
            raise InputError(f"{self} is counted in sessions and has no fixed length.")
        return timedelta(seconds=self.count * SECONDS[self.unit])

    def __str__(self) -> str:
        """The short form that ``parse`` reads."""
        return f"{self.count}{self.unit}"


DAILY = Timeframe(1, Unit.DAY)
MINUTE = Timeframe(1, Unit.MINUTE)
