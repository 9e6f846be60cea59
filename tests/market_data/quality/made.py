"""Series of made bars to plant faults in."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from tools.domain.timeframe import DAILY, Timeframe
from tools.market_data.aggregation.grid import Grid
from tools.market_data.columns import BarColumns, nanoseconds


def sessions(count, first=datetime(2012, 1, 3, tzinfo=UTC), calendar="XNYS"):
    """The first so many sessions from a day on: starts and ends."""
    grid = Grid(DAILY, calendar)
    start = nanoseconds(first)
    starts = grid.between(start, start + (count * 2 + 20) * 86_400 * 10**9)[:count]
    return starts, grid.place(starts).end


def daily(count=300, seed=1, **columns):
    """A quiet walk of one per cent a day; ``columns`` replaces some of them."""
    rng = np.random.default_rng(seed)
    start, known = sessions(count)
    close = np.round(100 * np.exp(np.cumsum(rng.normal(0, 0.01, count))), 2)
    opens = np.round(np.concatenate([[100.0], close[:-1]]) * np.exp(rng.normal(0, 0.002, count)), 2)
    high, low = np.maximum(opens, close) + 0.2, np.minimum(opens, close) - 0.2
    volume = rng.integers(900, 1100, count).astype(float)
    made = {
        "start": start,
        "known": known,
        "open": opens,
        "high": high,
        "low": low,
        "close": close,
        "volume": volume,
    }  # fmt: skip
    return BarColumns(symbol="IBM", source="made", timeframe=DAILY, **(made | columns))


def minutes(day=datetime(2013, 10, 7, tzinfo=UTC), count=390, seed=2):
    """One session of New York's minutes."""
    grid = Grid(Timeframe.parse("1m"), "XNYS")
    at = nanoseconds(day)
    start = grid.between(at, at + 86_400 * 10**9)[:count]
    rng = np.random.default_rng(seed)
    close = np.round(180 + np.cumsum(rng.normal(0, 0.05, len(start))), 2)
    return BarColumns(
        "IBM", "made", start + 60 * 10**9, Timeframe.parse("1m"), start, close.copy(),
        close + 0.05, close - 0.05, close, rng.integers(100, 900, len(start)).astype(float),
    )  # fmt: skip
