"""A person's file of trades or shorter bars made into bars, as one command does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tools.domain.errors import InputError
from tools.domain.timeframe import Timeframe
from tools.market_data.aggregation.batch import coarsen
from tools.market_data.aggregation.conditions import Plan
from tools.market_data.aggregation.finished import Aggregated
from tools.market_data.aggregation.grid import NOWHERE, Grid
from tools.market_data.columns import BarColumns, QuoteColumns, TickColumns, moment_of
from tools.market_data.hours import Align, Hours
from tools.market_data.quality.published import published
from tools.market_data.quality.validation import validate_bars
from tools.market_data.reading.naming import named
from tools.market_data.reading.series import read_series
from tools.market_data.symbols import listing


@dataclass(frozen=True, slots=True)
class Made:
    """``counts`` says what went in, what came out, and what in no bar and why."""

    bars: BarColumns
    counts: Mapping[str, float]


def made(path: Path, timeframe: str, hours: Hours, align: Align, plan: str | None) -> Made:
    """Bars of a file by its name. The file is taken for whole: its last bar is finished.

    Raises InputError for what can't be made, DataUnavailable for what can't be read.
    """
    name = named(path)
    daily = name is not None and name.timeframe is not None and not name.timeframe.intraday
    if name is None or daily:
        raise InputError(
            f"{path.name} holds neither trades nor bars shorter than a day by its name: call it "
            "SYMBOL.trades.csv or SYMBOL_1m.csv."
        )
    if not path.is_file():
        raise InputError(f"There is no file {path}.")
    if plan is not None and plan not in set(Plan):
        raise InputError(f"There is no plan {plan!r}: use cta or utp.")
    calendar = listing(name.symbol, name.symbol, "FILE").calendar
    grid = Grid(Timeframe.parse(timeframe), calendar, hours, align)
    read = read_series(path, name)
    if isinstance(read.columns, QuoteColumns):
        raise InputError(f"{path.name} holds quotes, which make no bars of trades.")
    until = moment_of(_end(grid, read.columns))
    if isinstance(read.columns, TickColumns):
        whose = None if plan is None else Plan(plan)
        found, checked = published(read.columns, grid, read.conditions, whose, until)
        return Made(found.bars, _counts(found, len(read.columns), len(checked.clean)))
    clean = validate_bars(read.columns, calendar).clean
    found = coarsen(clean, grid, until=until)
    return Made(found.bars, _counts(found, len(read.columns), len(clean)))


def _end(grid: Grid, columns: BarColumns | TickColumns) -> int:
    """The end of the last bar that the file reaches into."""
    times = columns.start if isinstance(columns, BarColumns) else columns.time
    ends = grid.place(times).end
    known = int(columns.known.max())
    return max(known, int(ends.max())) if (ends != NOWHERE).any() else known


def _counts(found: Aggregated, rows: int, clean: int) -> dict[str, float]:
    return {
        "rows": rows,
        "removed": rows - clean,
        "outside_hours": found.outside,
        "late": found.late,
        "in_no_bar": found.too_late + found.ahead,
        "bars": int(np.count_nonzero(found.version == 0)),
    }
