"""A run's figures by stretch of market: rising or falling, calm or stormy, year by year.

The market is the run's buy-and-hold benchmark. Which stretch a bar is in is known at the close
before it, but for the terciles of volatility: where these lie is known only at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.backtest.metrics import annual_volatility, max_drawdown, returns_of, sharpe
from tools.market_data.columns import Floats

MEAN, MONTH = 200, 21
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Daily:
    """Equity of a run and of its market before the first day and at each, shape ``(n + 1,)``.

    ``days`` has ``n``; ``market`` is None where there is no benchmark; ``periods`` is bars a year.
    """

    days: npt.NDArray[np.datetime64]
    equity: Floats
    market: Floats | None
    periods: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """Fractions; ``bars`` that fell in it. NaN where it can't be known."""

    kind: str
    name: str
    bars: int
    total_return: float
    volatility: float
    sharpe: float
    max_drawdown: float
    market_return: float


def by_day(
    moments: npt.NDArray[np.datetime64], equity: Floats, market: Floats | None, periods: float
) -> Daily:
    """Shorter bars put together to UTC days, each at its last; longer ones stay."""
    days = moments.astype("datetime64[D]")
    last = np.append(days[1:] != days[:-1], True)
    places = np.append(0, np.flatnonzero(last) + 1)
    return Daily(
        days[last],
        equity[places],
        None if market is None else market[places],
        periods * last.sum() / len(days),
    )


def stretches(daily: Daily) -> list[Stretch]:
    """Each stretch with at least two bars."""
    mine = returns_of(daily.equity)
    market = None if daily.market is None else returns_of(daily.market)
    found = [
        _figures(kind, name, inside & np.isfinite(mine), mine, market, daily.periods)
        for kind, name, inside in _kinds(daily, market)
    ]
    return [one for one in found if one.bars > 1]


def _kinds(daily: Daily, market: Floats | None) -> Iterator[tuple[str, str, Flags]]:
    if daily.market is not None and market is not None:
        trend = _rising(daily.market)
        for name, wanted in (("rising", 1.0), ("falling", 0.0)):
            yield "trend", name, trend == wanted
        swing = _swing(market)
        known = swing[np.isfinite(swing)]
        if known.size >= 3:
            low, high = np.quantile(known, [1 / 3, 2 / 3])
            yield "volatility", "calm", swing <= low
            yield "volatility", "in between", (swing > low) & (swing <= high)
            yield "volatility", "stormy", swing > high
    years = daily.days.astype("datetime64[Y]")
    for year in np.unique(years):
        yield "year", str(year), years == year


def _rising(market: Floats) -> Floats:
    """For each bar 1 where the close before it stood above the mean of 200, 0 below, else NaN."""
    found = np.full(len(market) - 1, np.nan)
    if len(market) > MEAN:
        sums = np.cumsum(np.append(0.0, market))
        means = (sums[MEAN:] - sums[:-MEAN]) / MEAN
        found[MEAN - 1 :] = (market[MEAN - 1 :] > means)[:-1]
    return found


def _swing(moves: Floats) -> Floats:
    """The standard deviation of the 21 returns before each bar, NaN before that many."""
    found = np.full(len(moves), np.nan)
    if len(moves) > MONTH:
        views = np.lib.stride_tricks.sliding_window_view(moves, MONTH)
        found[MONTH:] = views.std(axis=1, ddof=1)[:-1]
    return found


def _figures(
    kind: str, name: str, inside: Flags, mine: Floats, market: Floats | None, periods: float
) -> Stretch:
    part = mine[inside]
    growth = np.cumprod(np.append(1.0, np.maximum(1.0 + part, 0.0)))
    theirs = np.nan
    if market is not None:
        theirs = float(np.prod(1.0 + market[inside]) - 1.0)
    return Stretch(
        kind,
        name,
        int(inside.sum()),
        float(growth[-1] - 1.0),
        annual_volatility(part, periods),
        sharpe(part, periods),
        max_drawdown(growth),
        theirs,
    )
