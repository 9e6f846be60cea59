"""Other bars beside these: a market's close, and longer timeframes, as they were known."""

from __future__ import annotations

import numpy as np

from tools.domain.timeframe import Timeframe
from tools.features.inputs import Inputs, from_columns
from tools.features.news import NEWS
from tools.indicators.arrays import Floats
from tools.market_data.aggregation.batch import coarsen
from tools.market_data.aggregation.grid import Grid
from tools.market_data.columns import BarColumns, Times

WEEK = 7 * 24 * 3600 * 10**9
"""Nanoseconds; a market that gave no bar for longer is closed or gone, and counts for nothing."""


def as_known(moments: Times, known: Times, values: Floats, oldest: int | None = None) -> Floats:
    """The last of ``values`` that was known at each moment; NaN before the first.

    NaN, too, where that one is more than ``oldest`` nanoseconds old.
    """
    at = np.searchsorted(known, moments, side="right") - 1
    if not len(known):
        return np.full(len(moments), np.nan)
    some = np.maximum(at, 0)
    fresh = at >= 0
    if oldest is not None:
        fresh &= moments - known[some] <= oldest
    return np.where(fresh, values[some], np.nan)


def with_market(inputs: Inputs, market: Inputs) -> Inputs:
    """Adds ``market``: the other's close, the last known at each bar and not over a week old."""
    close = as_known(inputs.known, market.known, market.close, WEEK)
    origin = f"market: {market.symbol} {market.timeframe} from {market.feed}"
    return inputs.joined({"market": close}, origin)


def coarser(inputs: Inputs, timeframe: Timeframe) -> Inputs:
    """The finished longer bars that these make, the market beside them, and their news summed.

    Other columns are left behind, and a bar with a price missing counts for nothing. InputError
    where the timeframes don't fit.
    """
    good = np.logical_and.reduce(
        [np.isfinite(getattr(inputs, name)) for name in ("open", "high", "low", "close")]
    )
    taken = {
        name: np.ascontiguousarray(getattr(inputs, name)[good])
        for name in ("known", "start", "open", "high", "low", "close", "volume")
    }
    bars = BarColumns(
        symbol=inputs.symbol, source=inputs.feed, timeframe=inputs.timeframe, **taken
    )  # fmt: skip
    made = from_columns(coarsen(bars, Grid(timeframe, inputs.calendar)).bars, inputs.calendar)
    if "market" in inputs.more:
        market = as_known(made.known, inputs.known, inputs.more["market"])
        made = made.joined({"market": market}, "market")
    news = {
        name: _summed(made.known, inputs.known, inputs.more[name])
        for name in NEWS
        if name in inputs.more
    }
    return made.joined(news, "news") if news else made


def _summed(moments: Times, known: Times, values: Floats) -> Floats:
    """What became known since the moment before, added up; NaN where a part of it is."""
    place = np.searchsorted(moments, known, side="left")
    inside = place < len(moments)
    found = np.bincount(place[inside], values[inside], minlength=len(moments))
    return found.astype(np.float64)
