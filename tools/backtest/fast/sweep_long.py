"""One backtest of a sweep whose rule is long or out, on prices without holes: a few steps a trade.

All that a stretch adds to the figures is known from prices alone but for the equity it began with:
its returns are the difference of two sums, and it can only deepen the fall if its lowest close over
its highest would. Imported late: this imports numba.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.compiling import bare, compiled, leading_zeros, trailing_zeros
from tools.backtest.fast.sweep_figures import (
    DRAWDOWN,
    EIGHT_LONG,
    RETURN,
    SHARPE,
    TRADES,
    Words,
    deepest,
    sharpe_of,
)

LONGEST = 2**16
"""Bars; the tables of more would need more memory than the bars."""
LEVELS, STEP = 9, 4
BUY, ENTRY, ENTRY_SQUARED, SELL, EXIT, EXIT_SQUARED = range(6)
AT_ONCE = 4
"""Changes in 64 bars that are written down whether they are there or not: guessing takes longer."""
GATHER = np.uint64(0x0102040810204080)
"""Times this, the lowest bits of eight bytes are the highest byte."""
_ONE, _56, _63 = np.uint64(1), np.uint64(56), np.uint64(63)
_ODD, _PAIRS = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333)
_FOURS = np.uint64(0x0F0F0F0F0F0F0F0F)
Places = npt.NDArray[np.int64]
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
    """At ``[l, t]`` the highest and the lowest of 2 ** l closes from t on."""
    bars = closes.size
    extremes = np.empty((LEVELS, bars, 2))
    for t in range(bars):
        extremes[0, t, 0] = extremes[0, t, 1] = closes[t]
    for level in range(1, LEVELS):
        half, below, here = 1 << (level - 1), extremes[level - 1], extremes[level]
        for t in range(bars - 2 * half + 1):
            a, b, c, d = below[t, 0], below[t + half, 0], below[t, 1], below[t + half, 1]
            here[t, 0], here[t, 1] = a if a > b else b, c if c < d else d
    return extremes


@bare
def ones(bits: np.uint64) -> int:
    """How many of the 64 bits are set."""
    pairs = bits - ((bits >> _ONE) & _ODD)
    fours = (pairs & _PAIRS) + ((pairs >> np.uint64(2)) & _PAIRS)
    return int(np.int64((((fours + (fours >> np.uint64(4))) & _FOURS) * EIGHT_LONG) >> _56))


@bare
def packed(words: Words, begin: int, masks: Words) -> bool:
    """Eight wishes of 0 or 1 a word become 64 bits a mask; False where a wish is another.

    What lies before ``begin`` counts as 0.
    """
    every = np.uint64(0)
    for m in range(masks.size):
        mask = np.uint64(0)
        for k in range(8):
            word = words[8 * m + k]
            every |= word
            mask |= ((word * GATHER) >> _56) << np.uint64(8 * k)
        masks[m] = mask
    masks[: begin // 64] = 0
    if begin > 0:
        masks[begin // 64] &= ~((_ONE << np.uint64(begin % 64)) - _ONE)
    return bool(every & ~EIGHT_LONG == 0)


@bare
def changes(masks: Words, bars: int, places: Places) -> int:
    """Into ``places`` the bars whose wish differs from that of the bar before; how many.

    The last bar's wish is never traded. ``places`` has room for ``AT_ONCE`` beyond all bits.
    """
    count, before = 0, np.uint64(0)
    for m in range(masks.size):
        changed = masks[m] ^ (masks[m] << _ONE | before)
        before = masks[m] >> _63
        there = ones(changed)
        for k in range(there if there > AT_ONCE else AT_ONCE):
            places[count + k] = 64 * m + trailing_zeros(changed)
            changed &= changed - _ONE
        count += there
    while count > 0 and places[count - 1] >= bars - 1:
        count -= 1
    return count


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
    equity, peak, worst, total, squares = 1.0, 1.0, 1.0, 0.0, 0.0
    for k in range(0, count, 2):
        start, stop = places[k] + 1, places[k + 1] + 1 if k + 1 < count else bars
        bought, sold = steps[start], steps[stop]
        total += bought[ENTRY] + sold[EXIT]
        squares += bought[ENTRY_SQUARED] + sold[EXIT_SQUARED]
        units = equity * bought[BUY]
        high, low = between(extremes, start, stop)
        high *= units
        if low * units < worst * max(peak, high):
            if high <= peak:
                worst = low * units / peak
            else:  # the low may have come before the high
                worst = deepest_by_steps(closes, extremes, start, stop, peak / units, worst)
        equity = units * sold[SELL]
        peak = max(peak, high, equity)
        if equity < worst * peak:
            worst = equity / peak
    out[RETURN], out[DRAWDOWN], out[TRADES] = equity - 1.0, 1.0 - worst, count // 2
    out[SHARPE] = sharpe_of(total, squares, bars - begin, equity, periods)


@bare
def between(extremes: Extremes, start: int, stop: int) -> tuple[float, float]:
    """The highest and the lowest close from ``start`` to before ``stop``, of two that overlap.

    Stretches longer than two of the longest are gone through in such steps.
    """
    level = min(63 - leading_zeros(stop - start), LEVELS - 1)
    known, last = extremes[level], stop - (1 << level)
    high, low = max(known[start, 0], known[last, 0]), min(known[start, 1], known[last, 1])
    for t in range(start + (1 << level), last, 1 << level):
        high, low = max(high, known[t, 0]), min(low, known[t, 1])
    return high, low


@bare
def deepest_by_steps(
    closes: Floats, extremes: Extremes, start: int, stop: int, high: float, worst: float
) -> float:
    """As ``deepest``, and only through those sixteen bars at a time that can be worse."""
    known, t = extremes[STEP], start
    while t + (1 << STEP) <= stop:
        top, low = known[t, 0], known[t, 1]
        if low < worst * max(high, top):
            if top <= high:
                worst = low / high
            else:
                _, worst = deepest(closes, t, t + (1 << STEP), high, worst)
        high, t = max(high, top), t + (1 << STEP)
    return deepest(closes, t, stop, high, worst)[1]
