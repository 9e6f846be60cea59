"""Runs side by side, as they must be to be shown."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from tools.backtest.report.shapes import (
    Curve,
    Figures,
    Kept,
    Moment,
    Number,
    Shape,
    Symbols,
    Text,
    Word,
)

MOST_RUNS = 12


class Beside(Shape):
    """One of the runs; its figures are of its whole length."""

    id: Word
    name: Text
    symbols: Symbols
    start: Moment
    end: Moment
    figures: Figures
    benchmarks: dict[Word, Figures] = Field(default_factory=dict)


class Difference(Shape):
    """What the runs don't share: one text for each."""

    what: Word
    values: Annotated[list[Text], Field(max_length=MOST_RUNS)]


class Luck(Shape):
    """Of two runs by their number: the difference of their Sharpe ratios, and its chance."""

    first: int
    second: int
    difference: Number | None
    probability: Number | None


class Comparison(Kept):
    """``curve`` holds what each run's equity grew to from 1, over the days that all have."""

    runs: Annotated[list[Beside], Field(min_length=2, max_length=MOST_RUNS)]
    differences: list[Difference]
    days: int = 0
    block: Number = 1.0
    draws: int = 0
    seed: int = 0
    joined: dict[Word, Number | None] = Field(default_factory=dict)
    correlation: list[list[Number | None]] = Field(default_factory=list)
    luck: list[Luck] = Field(default_factory=list)
    curve: Curve | None = None

    @model_validator(mode="after")
    def _whole(self) -> Comparison:
        count = len(self.runs)
        if any(len(one.values) != count for one in self.differences):
            raise ValueError("a difference has one text for each run")
        if any(not 0 <= n < count for one in self.luck for n in (one.first, one.second)):
            raise ValueError("a pair names two of the runs")
        return self
