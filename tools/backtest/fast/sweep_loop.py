"""One backtest of a sweep, from trade to trade. Imported late: this imports numba.

The whole account is long, out, or short, and stays as many units until the wish changes. While it
does, a bar's return is known from prices alone, so a long stretch adds the difference of two sums.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from numba import types

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.compiling import bare, typed
from tools.backtest.fast.rules import PREPARE, SIGNAL, Wishes
from tools.backtest.metrics import NOISE, STILL

RETURN, SHARPE, DRAWDOWN, TRADES = range(4)
EIGHT_LONG, EIGHT_OUT = np.uint64(0x0101010101010101), np.uint64(0)
Words = npt.NDArray[np.uint64]

_table = types.float64[:, ::1]
SIGNATURE = types.void(
    types.FunctionType(PREPARE), types.FunctionType(SIGNAL), *(_table,) * 5, types.int64,
    types.int64, _table, types.float64, types.float64, types.float64, types.float64[:, :, ::1],
)  # fmt: skip


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
    cost: float,
    borrow: float,
    periods: float,
    out: Floats,
) -> None:
    """Write one row of figures.

    ``opens`` are NaN in holes, ``closes`` the last known there. ``sums`` of the closes' returns,
    and of their squares, before each bar.
    """
    bars = wish.size
    t, side, trades, units, cash = 0, 0, 0, 0.0, 1.0
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
    mean = total / bars
    spread = (squares - total * mean) / (bars - 1) if bars > 1 else 0.0
    out[RETURN], out[DRAWDOWN], out[TRADES] = equity - 1.0, 1.0 - worst, trades
    known = equity > 0 and spread > max(NOISE, STILL * abs(mean)) ** 2
    out[SHARPE] = mean / np.sqrt(spread) * np.sqrt(periods) if known else np.nan


@bare
def deepest(
    closes: Floats, start: int, stop: int, high: float, worst: float
) -> tuple[float, float]:
    """The highest price so far and the smallest price over it, with these bars."""
    for price in closes[start:stop]:
        if price > high:
            high = price
        elif price < worst * high:
            worst = price / high
    return high, worst


@bare
def filled(opens: Floats, closes: Floats, o: Floats, c: Floats, sums: Floats) -> None:
    """Into ``o`` NaN for holes, into ``c`` the last close, into ``sums`` the returns' sums."""
    last = np.nan
    for t in range(c.size):
        grown = 0.0
        if np.isnan(closes[t]):
            o[t] = np.nan
        else:
            o[t] = opens[t]
            grown = closes[t] / last - 1.0 if last > 0 else 0.0
            last = closes[t]
        c[t] = last
        sums[0, t + 1] = sums[0, t] + grown
        sums[1, t + 1] = sums[1, t] + grown * grown


@typed(SIGNATURE)
def sweep_part(
    prepare: Callable[[Floats], Floats],
    signal: Callable[[Floats, Floats, Wishes], None],
    opens: Floats,
    highs: Floats,
    lows: Floats,
    closes: Floats,
    volumes: Floats,
    first: int,
    stop: int,
    params: Floats,
    cost: float,
    borrow: float,
    periods: float,
    out: Floats,
) -> None:
    """The symbols from ``first`` up to ``stop``, each with every row of parameters."""
    bars = closes.shape[0]
    columns, sums = np.empty((5, bars)), np.zeros((2, bars + 1))
    o, c = np.empty(bars), np.empty(bars)
    words = np.zeros(bars // 8 + 1, dtype=np.uint64)
    wish = words.view(np.int8)[:bars]
    for s in range(first, stop):
        for t in range(bars):
            columns[0, t], columns[1, t], columns[2, t] = opens[t, s], highs[t, s], lows[t, s]
            columns[3, t], columns[4, t] = closes[t, s], volumes[t, s]
        filled(columns[0], columns[3], o, c, sums)
        shared = prepare(columns)
        for p in range(params.shape[0]):
            words[:] = 0
            signal(shared, params[p], wish)
            backtest(o, c, sums, wish, words, cost, borrow, periods, out[s, p])
