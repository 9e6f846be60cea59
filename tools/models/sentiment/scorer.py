"""What a scorer of tone promises."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Tone(StrEnum):
    """What a text is for those who hold the company that it is about."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Because:
    """Words of the text, a stranger's, and what they counted for: above zero is good."""

    words: str
    value: float


@dataclass(frozen=True, slots=True)
class Scored:
    """One text's tone. ``score`` is from -1 bad to 1 good, NaN with the tone UNKNOWN.

    Neutral is a finding: the text was read, and says nothing good or bad or as much of each.
    UNKNOWN is none: it has no words, or they are of no language that the scorer reads.
    """

    tone: Tone
    score: float
    because: tuple[Because, ...] = ()


UNREAD = Scored(Tone.UNKNOWN, math.nan)


class Scorer(Protocol):
    """Scores texts one by one: what stands beside a text changes nothing.

    The same text always gets the same score from the same ``version``. Nothing in a text raises,
    and the time for one is bounded, whatever is in it.
    """

    @property
    def name(self) -> str:
        """Short: rules."""
        ...

    @property
    def version(self) -> str:
        """Another one wherever a score might be another."""
        ...

    def sentences(self, sentences: Sequence[str]) -> tuple[Scored, ...]:
        """One for each sentence, headline or post."""
        ...

    def text(self, title: str, text: str) -> Scored:
        """A whole document: its title and what stands under it."""
        ...


def tone_of(score: float, least: float) -> Tone:
    """Neutral nearer to zero than ``least``; UNKNOWN for NaN."""
    if math.isnan(score):
        return Tone.UNKNOWN
    if abs(score) < least:
        return Tone.NEUTRAL
    return Tone.POSITIVE if score > 0 else Tone.NEGATIVE
