"""Other pasts from the run's own returns and trades, drawn anew by the seed."""

from __future__ import annotations

import math

import numpy as np

from tools.backtest.fast.monte_carlo import Bootstrap
from tools.backtest.metrics import max_drawdown, sharpe, total_return
from tools.backtest.other_pasts.assumptions import (
    BY_DAY,
    NO_OVERLAP,
    NOT_WITHIN,
    REORDERED,
    SEEN_ONLY,
    TORN_APART,
    TRADES,
    few_trades,
    first_of,
    in_blocks,
)
from tools.backtest.other_pasts.seen import Seen
from tools.backtest.other_pasts.way import Way, thinned
from tools.market_data.columns import Floats

DRAWN = 1_000
"""Paths of which every step is kept for the fan and the Sharpe ratio; the others by their end."""
BATCH = 500
LEAST_TRADES = 5


def returns_in_blocks(seen: Seen, paths: int, block: float, seed: int, threads: int | None) -> Way:
    """Days in blocks of neighbours whose lengths vary around ``block``: a stationary bootstrap."""
    return _drawn(
        "returns in blocks",
        seen.returns,
        block,
        (paths, seed, threads),
        seen.periods,
        list(seen.days),
        (
            in_blocks(block, "days" if seen.together else "bars"),
            SEEN_ONLY,
            TORN_APART,
            *((BY_DAY,) if seen.together else ()),
        ),
    )


def trades_drawn(seen: Seen, paths: int, seed: int, threads: int | None) -> Way | None:
    """Closed trades, some twice and some not at all; None where there are fewer than five."""
    if len(seen.trades) < LEAST_TRADES:
        return None
    years = len(seen.returns) / seen.periods
    return _drawn(
        "trades",
        seen.trades,
        1.0,
        (paths, seed, threads),
        len(seen.trades) / years,
        [f"trade {n}" for n in range(1, len(seen.trades) + 1)],
        (TRADES, NO_OVERLAP, *few_trades(len(seen.trades))),
    )


def order_of_trades(seen: Seen, paths: int, seed: int) -> Way | None:
    """The same trades in another order: the end is the same, the way there isn't."""
    if len(seen.trades) < LEAST_TRADES:
        return None
    growth = np.maximum(1.0 + seen.trades, 0.0)
    lots = np.random.Generator(np.random.PCG64(seed))
    curves = np.empty((min(paths, DRAWN), len(growth) + 1))
    totals, falls = np.empty(paths), np.empty(paths)
    for first in range(0, paths, BATCH):
        stop = min(first + BATCH, paths)
        mixed = lots.permuted(np.tile(growth, (stop - first, 1)), axis=1)
        part = np.cumprod(np.column_stack([np.ones(stop - first), mixed]), axis=1)
        totals[first:stop] = part[:, -1] - 1.0
        falls[first:stop] = np.max(1.0 - part / np.maximum.accumulate(part, axis=1), axis=1)
        if first < len(curves):
            curves[first:stop] = part[: len(curves) - first]
    places = thinned(curves.shape[1])
    labels = ["", *(f"trade {n}" for n in range(1, len(growth) + 1))]
    return Way(
        "order of trades",
        [labels[place] for place in places],
        curves[:, places],
        totals,
        falls,
        np.full(paths, math.nan),
        _figures(seen.trades, math.nan),
        (REORDERED, NOT_WITHIN),
    )


def _drawn(
    name: str,
    values: Floats,
    block: float,
    wanted: tuple[int, int, int | None],
    periods: float,
    labels: list[str],
    said: tuple[str, ...],
) -> Way:
    paths, seed, threads = wanted
    bootstrap = Bootstrap(values, block=block, seed=seed)
    found = bootstrap.paths(paths, len(values), threads)
    steps = bootstrap.curves(min(paths, DRAWN), len(values))
    curves = np.column_stack([np.ones(len(steps)), steps])
    places = thinned(curves.shape[1])
    every = ["", *labels]
    sharpes = np.array([_ratio(curve, periods) for curve in curves])
    return Way(
        name,
        [every[place] for place in places],
        curves[:, places],
        found.total_return,
        found.max_drawdown,
        sharpes,
        _figures(values, periods),
        (*said, *first_of(len(steps), paths)),
    )


def _figures(values: Floats, periods: float) -> dict[str, float]:
    """What the run itself had of the same, in its own order."""
    equity = np.cumprod(np.append(1.0, np.maximum(1.0 + values, 0.0)))
    return {
        "total_return": total_return(equity),
        "sharpe": sharpe(values, periods) if math.isfinite(periods) else math.nan,
        "max_drawdown": max_drawdown(equity),
    }


def _ratio(curve: Floats, periods: float) -> float:
    alive = curve[: int(np.argmax(curve <= 0)) + 1] if (curve <= 0).any() else curve
    return sharpe(alive[1:] / alive[:-1] - 1.0, periods)
