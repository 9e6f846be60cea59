"""One backtest of a sweep with any wishes and holes, from trade to trade.

The whole account is long, out, or short, and stays as many units until the wish changes. While it
does, a bar's return is known from prices alone, so a long stretch adds the difference of two sums.
Imported late: this imports numba.
"""

from __future__ import annotations

import numpy as np

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.compiling import bare
from tools.backtest.fast.rules import Wishes
from tools.backtest.fast.sweep_figures import (
    DRAWDOWN,
    EIGHT_LONG,
    EIGHT_OUT,
    RETURN,
    SHARPE,
    TRADES,
    Words,
    deepest,
    sharpe_of,
)


@bare
def next_change(wish: Wishes, words: Words, t: int, side: int) -> int:
    """The first bar from ``t`` on that wishes for another side; eight bars are one word."""
    while t < wish.size and t % 8:
        if wish[t] != side:
            return t
        t += 1
    if side >= 0:
        eight = EIGHT_LONG if side > 0 else EIGHT_OUT
        while t + 8 <= wish.size and words[t >> 3] == eight:
            t += 8
    while t < wish.size and wish[t] == side:
        t += 1
    return t


@bare
def next_trade(opens: Floats, wish: Wishes, words: Words, t: int, side: int) -> int:
    """The bar at whose open another side is taken: the first without a hole that still wants it."""
    bars = wish.size
    while True:
        u = next_change(wish, words, t, side) + 1
        while u < bars and np.isnan(opens[u]):
            u += 1
        if u >= bars or np.sign(wish[u - 1]) != side:
            return min(u, bars)
        t = u


@bare
def backtest(
    opens: Floats,
    closes: Floats,
    sums: Floats,
    wish: Wishes,
    words: Words,
    begin: int,
    cost: float,
    borrow: float,
    periods: float,
    out: Floats,
) -> None:
    """Write one row of figures of the bars from ``begin`` on, before which all is out.

    ``opens`` are NaN in holes, ``closes`` the last known there. ``sums`` of the closes' returns,
    and of their squares, before each bar.
    """
    bars = wish.size
    t, side, trades, units, cash = begin, 0, 0, 0.0, 1.0
    equity, peak, worst, total, squares = 1.0, 1.0, 1.0, 0.0, 0.0
    while True:
        stop = next_trade(opens, wish, words, t, side)
        if side < 0:
            for k in range(t, stop):
                cash += units * closes[k] * borrow
                value = cash + units * closes[k]
                total, squares = total + value / equity - 1.0, squares + (value / equity - 1.0) ** 2
                equity, peak = value, max(peak, value)
                worst = min(worst, value / peak)
                if value <= 0:
                    break
        else:
            value = units * closes[t] if side > 0 else cash
            first = value / equity - 1.0
            total, squares, equity = total + first, squares + first * first, value
            if side > 0:
                total += sums[0, stop] - sums[0, t + 1]
                squares += sums[1, stop] - sums[1, t + 1]
                high, ratio = deepest(closes, t, stop, peak / units, worst)
                peak, worst, equity = high * units, ratio, units * closes[stop - 1]
            else:
                peak = max(peak, value)
                worst = min(worst, value / peak)
        if stop == bars or equity <= 0:
            break
        t = stop
        if side != 0:
            equity_now = (cash + units * opens[t]) - cost * abs(units) * opens[t]
            trades += 1
        else:
            equity_now = cash
        if equity_now <= 0:
            equity, worst = equity_now, min(worst, equity_now / peak)
            break
        side = int(np.sign(wish[t - 1]))
        worth = equity_now / (1.0 + cost) if side != 0 else equity_now
        units = side * worth / opens[t]
        cash = worth - side * worth  # a short's sale is cash, too
    out[RETURN], out[DRAWDOWN], out[TRADES] = equity - 1.0, 1.0 - worst, trades
    out[SHARPE] = sharpe_of(total, squares, bars - begin, equity, periods)
