"""A kept combinatorial cross-validation, as it must be to be shown."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from tools.backtest.report.shapes import (
    Column,
    Count,
    Curve,
    Figures,
    Kept,
    Number,
    Shape,
    Validation,
    Word,
)
from tools.backtest.report.shapes_search import Failed, Params, SearchRecord, Span

MOST = 1_000
QUANTILES = frozenset({"p5", "p25", "p50", "p75", "p95"})


class Combination(Shape):
    """What was chosen on the other groups, and what it did on those ``judged``."""

    judged: Annotated[list[Count], Field(max_length=MOST)]
    learn_days: Count = 0
    params: Params
    learn_figures: Figures
    judge_figures: Figures


class Chosen(Shape):
    """A point, and in how many combinations it was chosen."""

    params: Params
    times: Count


class Path(Shape):
    """A whole history; its equity is None where there are too many to keep."""

    figures: Figures
    equity: Column | None = None


class Spread(Shape):
    """How the paths lie apart: quantiles of each figure, and shares of the paths."""

    total_return: Figures = Field(default_factory=dict)
    annual_return: Figures = Field(default_factory=dict)
    sharpe: Figures = Field(default_factory=dict)
    max_drawdown: Figures = Field(default_factory=dict)
    losing: Number | None = None
    behind: Number | None = None


class Crossed(Kept):
    """All combinations, and the paths made of them; the curve is the ``middle`` path's."""

    record: SearchRecord
    groups: Annotated[list[Span], Field(min_length=2, max_length=MOST)]
    combinations: Annotated[list[Combination], Field(min_length=1, max_length=MOST)]
    chosen: Annotated[list[Chosen], Field(max_length=MOST)] = Field(default_factory=list)
    paths: Annotated[list[Path], Field(min_length=1, max_length=MOST)]
    middle: Count
    spread: Spread
    fan: dict[Word, Column] = Field(default_factory=dict)
    failed: Annotated[list[Failed], Field(max_length=1_000_000)] = Field(default_factory=list)
    curve: Curve
    figures: Figures
    benchmarks: dict[Word, Figures] = Field(default_factory=dict)
    bars_a_year: Annotated[float, Field(gt=0, le=1e8)] = 252.0
    validation: Validation | None = None

    @model_validator(mode="after")
    def _whole(self) -> Crossed:
        columns = [one.equity for one in self.paths if one.equity is not None]
        columns += list(self.fan.values())
        if any(len(column) != len(self.curve.at) or None in column for column in columns):
            raise ValueError("the paths must have a number for each place of the curve")
        if self.fan and set(self.fan) != QUANTILES:
            raise ValueError("the fan must have its five quantiles")
        if self.middle >= len(self.paths):
            raise ValueError("the middle is none of its paths")
        return self
