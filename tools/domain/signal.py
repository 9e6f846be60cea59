"""What the evidence says, as numbers that can be traced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Direction(StrEnum):
    """Which way the evidence points."""

    BUY = "buy"
    SELL = "sell"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Vote:
    """One indicator's reading: ``value`` in [-1, 1], and the sentence that explains it."""

    indicator: str
    value: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Signal:
    """The votes together: ``score`` in [-1, 1] is their mean; above zero leans to buying."""

    symbol: str
    as_of: datetime
    direction: Direction
    score: float
    votes: tuple[Vote, ...]
