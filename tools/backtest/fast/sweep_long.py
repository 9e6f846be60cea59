"""One backtest of a sweep whose rule is long or out, on prices without holes: a few steps a trade.

All that a stretch adds to the figures is known from prices alone but for the equity it began with:
its returns are the difference of two sums, and it can only deepen the fall if its lowest close over
its highest would. Imported late: this imports numba.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.bits import Places
from tools.backtest.fast.compiling import bare, compiled, leading_zeros
from tools.backtest.fast.sweep_figures import (
    DRAWDOWN,
    RETURN,
    SHARPE,
    TRADES,
    deepest,
    sharpe_of,
)

LONGEST = 2**16
"""Bars; the tables of more would need more memory than the bars."""
LEVELS, STEP = 9, 4
BUY, ENTRY, ENTRY_SQUARED, SELL, EXIT, EXIT_SQUARED = range(6)
Extremes = npt.NDArray[np.float64]
"""Shape ``(levels, bars, 2)``."""


@compiled
def steps_of(opens: Floats, closes: Floats, sums: Floats, cost: float) -> Floats:
    """What one symbol's stretches are put together from, shape ``(bars + 1, 8)``.

    From the bar of purchase ``a`` to that of sale ``b`` the returns add up to ``[a, ENTRY] + [b,
    EXIT]``, an equity of 1 buys ``[a, BUY]`` units, and a unit sells for ``[b, SELL]``. The last
    row is the end, where nothing is sold. What belongs to a bar is together in memory.
    """
    bars = closes.size
    steps = np.empty((bars + 1, 8))
    for t in range(bars):
        buy, sell = 1.0 / (opens[t] * (1.0 + cost)), opens[t] * (1.0 - cost)
        first, last = closes[t] * buy - 1.0, sell / closes[max(t - 1, 0)] - 1.0
        steps[t, BUY], steps[t, SELL] = buy, sell
        steps[t, ENTRY], steps[t, EXIT] = first - sums[0, t + 1], last + sums[0, t]
        steps[t, ENTRY_SQUARED] = first * first - sums[1, t + 1]
        steps[t, EXIT_SQUARED] = last * last + sums[1, t]
    steps[bars, SELL] = closes[bars - 1]
    steps[bars, EXIT], steps[bars, EXIT_SQUARED] = sums[0, bars], sums[1, bars]
    return steps


@compiled
def extremes_of(closes: Floats) -> Extremes:
    """At ``[l, t]`` the highest of 2 ** l closes from t on, and the lowest with its sign turned.

    So both are the higher of two, and a level is one run through the level below.
    """
    bars = closes.size
    extremes = np.empty((LEVELS, bars, 2))
    for t in range(bars):
        extremes[0, t, 0], extremes[0, t, 1] = closes[t], -closes[t]
    flat = extremes.reshape(LEVELS, 2 * bars)
    for level in range(1, LEVELS):
        width = 1 << level
        below, beyond, here = flat[level - 1], flat[level - 1, width:], flat[level]
        for k in range(2 * (bars - width + 1)):
            here[k] = below[k] if below[k] > beyond[k] else beyond[k]
    return extremes


@bare
def backtest_long(
    closes: Floats,
    steps: Floats,
    extremes: Extremes,
    places: Places,
    count: int,
    begin: int,
    periods: float,
    out: Floats,
) -> None:
    """Write one row of figures; ``places`` are the bars that decide, to buy and to sell in turn."""
    bars = closes.size
    equity, peak, floor, worst, total, squares = 1.0, 1.0, 1.0, 1.0, 0.0, 0.0
    for k in range(0, count, 2):
        start, stop = places[k] + 1, places[k + 1] + 1 if k + 1 < count else bars
        bought, sold = steps[start], steps[stop]
        total += bought[ENTRY] + sold[EXIT]
        squares += bought[ENTRY_SQUARED] + sold[EXIT_SQUARED]
        units = equity * bought[BUY]
        high, low = between(extremes, start, stop)
        equity = units * sold[SELL]
        if max(high * units, equity) > peak:
            worst = min(worst, floor / peak)
            if low * units < worst * max(peak, high * units):  # it may have come before the high
                worst = deepest_by_steps(closes, extremes, start, stop, peak / units, worst)
            floor = peak = max(peak, high * units, equity)
        else:
            floor = min(floor, low * units)
        floor = min(floor, equity)
    worst = min(worst, floor / peak)
    out[RETURN], out[DRAWDOWN], out[TRADES] = equity - 1.0, 1.0 - worst, count // 2
    out[SHARPE] = sharpe_of(total, squares, bars - begin, equity, periods)


@bare
def between(extremes: Extremes, start: int, stop: int) -> tuple[float, float]:
    """The highest and the lowest close from ``start`` to before ``stop``, of two that overlap.

    Stretches longer than two of the longest are gone through in such steps.
    """
    level = min(63 - leading_zeros(stop - start), LEVELS - 1)
    known, last = extremes[level], stop - (1 << level)
    high, low = max(known[start, 0], known[last, 0]), max(known[start, 1], known[last, 1])
    t = start + (1 << level)
    while t < last:  # a range of such steps would divide
        high, low = max(high, known[t, 0]), max(low, known[t, 1])
        t += 1 << level
    return high, -low


@bare
def deepest_by_steps(
    closes: Floats, extremes: Extremes, start: int, stop: int, high: float, worst: float
) -> float:
    """As ``deepest``, and only through those sixteen bars at a time that can be worse."""
    known, t = extremes[STEP], start
    while t + (1 << STEP) <= stop:
        top, low = known[t, 0], -known[t, 1]
        if low < worst * max(high, top):
            if top <= high:
                worst = low / high
            else:
                _, worst = deepest(closes, t, t + (1 << STEP), high, worst)
        high, t = max(high, top), t + (1 << STEP)
    if stop - start >= 1 << STEP:
        top, low = known[stop - (1 << STEP), 0], -known[stop - (1 << STEP), 1]
        if low >= worst * max(high, top):
            return worst
    return deepest(closes, t, stop, high, worst)[1]
