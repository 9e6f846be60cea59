"""What a search keeps: sweeps and walks forward, as they must be to be shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, model_validator

from tools.backtest.report.shapes import (
    Column,
    Count,
    Curve,
    Decider,
    Figures,
    Kept,
    Moment,
    Number,
    Record,
    Shape,
    Symbols,
    Text,
    Validation,
    Word,
)

Whole = Annotated[int, Field(ge=-(10**15), le=10**15)]
Value = bool | Whole | Number | Text | None
Params = dict[Word, Value]
Span = Annotated[list[Moment], Field(min_length=2, max_length=2)]


class SearchRecord(Record):
    """A record with what was searched."""

    grid: dict[Word, Annotated[list[Value], Field(max_length=10_000)]] = Field(default_factory=dict)
    each: bool = False
    metric: Word = "sharpe"
    learn: Count | Word | None = None
    judge: Count | Word | None = None
    purge: Count | Word | None = None
    anchored: bool = False


def varied(params: Params, grid: Iterable[str]) -> Params:
    """Those that the search chose among; all where it doesn't say."""
    return {name: params[name] for name in grid if name in params} or params


class Point(Shape):
    """One set of parameters, and what came of it."""

    params: Params
    symbols: Symbols = Field(default_factory=list)
    run: Word | None = None
    figures: Figures


class Failed(Shape):
    """A point that couldn't run."""

    params: Params
    why: Text


class Sweep(Kept):
    """Every point of a grid."""

    record: SearchRecord
    points: Annotated[list[Point], Field(max_length=1_000_000)]
    left_out: Count = 0
    failed: Annotated[list[Failed], Field(max_length=1_000_000)] = Field(default_factory=list)
    best: Count | None = None
    validation: Validation | None = None
    engine: Word = "desk"

    @model_validator(mode="after")
    def _whole(self) -> Sweep:
        if self.best is not None and self.best >= len(self.points):
            raise ValueError("the best is none of its points")
        return self


class Fold(Shape):
    """Learnt on one stretch, judged on the next."""

    learn: Span
    judge: Span
    params: Params
    learn_figures: Figures
    judge_figures: Figures
    run: Word | None = None


class Walk(Kept):
    """A walk forward: its folds, and their judged stretches joined."""

    record: SearchRecord
    folds: Annotated[list[Fold], Field(min_length=1, max_length=100_000)]
    failed: Annotated[list[Failed], Field(max_length=1_000_000)] = Field(default_factory=list)
    curve: Curve
    figures: Figures
    benchmarks: dict[Word, Figures] = Field(default_factory=dict)
    bars_a_year: Annotated[float, Field(gt=0, le=1e8)] = 252.0
    validation: Validation | None = None
    decider: Decider | None = None


class Fan(Shape):
    """Quantiles over time, in money."""

    at: Annotated[list[Word], Field(min_length=2, max_length=10_000)]
    p5: Column
    p25: Column
    p50: Column
    p75: Column
    p95: Column

    @model_validator(mode="after")
    def _whole(self) -> Fan:
        rows = (self.p5, self.p25, self.p50, self.p75, self.p95)
        if any(len(row) != len(self.at) or None in row for row in rows):
            raise ValueError("its columns must be numbers, one for each place")
        return self


class WayFigures(Shape):
    """Quantiles and chances, fractions."""

    total_return: Figures = Field(default_factory=dict)
    sharpe: Figures = Field(default_factory=dict)
    max_drawdown: Figures = Field(default_factory=dict)
    loss: Number | None = None
    worse: Figures = Field(default_factory=dict)
    value_at_risk: Figures = Field(default_factory=dict)
    expected_shortfall: Figures = Field(default_factory=dict)


class OneWay(Shape):
    """One way to draw other pasts."""

    paths: Count
    fan: Fan
    figures: WayFigures
    said: Annotated[list[Text], Field(max_length=100)] = Field(default_factory=list)


class LotsRecord(Record):
    """What the paths were drawn by."""

    of: Word = ""
    paths: Count = 0
    seed: Count = 0
    block: Number = 1.0
    block_by: Text = ""


class MonteCarlo(Kept):
    """Other pasts of one run."""

    of: Word
    record: LotsRecord
    ways: Annotated[dict[Word, OneWay], Field(min_length=1, max_length=20)]
    said: Annotated[list[Text], Field(max_length=100)] = Field(default_factory=list)
