"""Which scorer there is, and what its scores are worth."""

from __future__ import annotations

from dataclasses import dataclass

from tools.models.sentiment.rules import Rules
from tools.models.sentiment.scorer import Scorer

CAVEAT = (
    "Measured on sentences that the project wrote itself; what strangers write is harder, and a "
    "tone is no forecast."
)


@dataclass(frozen=True, slots=True)
class Measured:
    """On the held-out sentences of `tollgate eval sentiment`: how many, and fractions of them.

    ``majority`` is the accuracy of always saying the commonest tone; ``other_styles`` that of the
    scorer in styles of writing that it was not tuned on.
    """

    sentences: int
    accuracy: float
    macro_f1: float
    majority: float
    other_styles: float


RULES = Measured(183, 0.847, 0.848, 0.377, 0.774)


@dataclass(frozen=True, slots=True)
class Opened:
    """A scorer with its figures; ``notice`` says so where it stands in for another."""

    scorer: Scorer
    measured: Measured
    notice: str = ""
    caveat: str = CAVEAT


def open_scorer(named: str | None = None) -> Opened:
    """The rules; where a model is ``named`` they stand in for it and say so."""
    if not named or named == Rules.name:
        return Opened(Rules(), RULES)
    notice = (
        f"TOLLGATE_SENTIMENT names {named[:80]}, and this version runs no model of tone: the rules "
        "stand in for it."
    )
    return Opened(Rules(), RULES, notice)
