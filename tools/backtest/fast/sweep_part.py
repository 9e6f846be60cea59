"""Some symbols of a sweep, each with every row of parameters. Imported late: this imports numba."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import types

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.bits import AT_ONCE, WIDTH, changes, packed
from tools.backtest.fast.compiling import bare, typed
from tools.backtest.fast.rules import PREPARE, SIGNAL, Wishes
from tools.backtest.fast.sweep_long import LONGEST, backtest_long, extremes_of, steps_of
from tools.backtest.fast.sweep_loop import backtest

ROWS = 64
"""Signals that are worked out in a row, while what they read is at hand."""
SYMBOLS = 8
"""Symbols whose prices are turned at a time."""
TOGETHER = 64
"""Bars that are turned at a time."""
_table = types.float64[:, ::1]
SIGNATURE = types.void(
    types.FunctionType(PREPARE), types.FunctionType(SIGNAL), *(_table,) * 5, types.int64,
    types.int64, types.int64, _table, types.float64, types.float64, types.float64,
    types.float64[:, :, ::1],
)  # fmt: skip


@bare
def columns_of(
    opens: Floats,
    highs: Floats,
    lows: Floats,
    closes: Floats,
    volumes: Floats,
    first: int,
    columns: Floats,
) -> None:
    """Prices and volumes from symbol ``first`` on, turned into shape ``(symbols, 5, bars)``."""
    _turned(opens, first, columns[:, 0])
    _turned(highs, first, columns[:, 1])
    _turned(lows, first, columns[:, 2])
    _turned(closes, first, columns[:, 3])
    _turned(volumes, first, columns[:, 4])


@bare
def _turned(table: Floats, first: int, turned: Floats) -> None:
    """Some bars at a time: all symbols of a bar are together in memory, and read at once."""
    for start in range(0, table.shape[0], TOGETHER):
        stop = min(start + TOGETHER, table.shape[0])
        for s in range(turned.shape[0]):
            for t in range(start, stop):
                turned[s, t] = table[t, first + s]


@bare
def filled(opens: Floats, closes: Floats, o: Floats, c: Floats, sums: Floats) -> bool:
    """Into ``o`` NaN for holes, into ``c`` the last close, into ``sums`` the returns' sums.

    Whether there was no hole.
    """
    last, whole = np.nan, True
    for t in range(c.size):
        grown = 0.0
        if np.isnan(closes[t]):
            o[t], whole = np.nan, False
        else:
            o[t] = opens[t]
            grown = closes[t] / last - 1.0 if last > 0 else 0.0
            last = closes[t]
        c[t] = last
        sums[0, t + 1] = sums[0, t] + grown
        sums[1, t + 1] = sums[1, t] + grown * grown
    return whole


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
    begin: int,
    params: Floats,
    cost: float,
    borrow: float,
    periods: float,
    out: Floats,
) -> None:
    """The symbols from ``first`` up to ``stop``, each with every row of parameters."""
    bars = closes.shape[0]
    columns, sums = np.empty((min(stop - first, SYMBOLS), 5, bars)), np.zeros((2, bars + 1))
    o, c = np.empty(bars), np.empty(bars)
    masks, long = np.empty((ROWS, bars // WIDTH + 1), np.uint64), np.empty(ROWS, np.bool_)
    words = np.empty(masks.shape[1] * WIDTH // 8, np.uint64)
    wishes, places = words.view(np.int8), np.empty(8 * words.size + AT_ONCE, np.int64)
    wish = wishes[:bars]
    for s in range(first, stop):
        own = columns[(s - first) % SYMBOLS]
        if (s - first) % SYMBOLS == 0:
            columns_of(opens, highs, lows, closes, volumes, s, columns[: stop - s])
        whole = filled(own[0], own[3], o, c, sums) and bars <= LONGEST
        steps = steps_of(o, c, sums, cost) if whole else sums
        extremes = extremes_of(c) if whole else out
        shared = prepare(own)
        for start in range(0, params.shape[0], ROWS):
            some = min(ROWS, params.shape[0] - start)
            for k in range(some):
                words[:] = 0
                signal(shared, params[start + k], wish)
                long[k] = whole and packed(wishes, begin, masks[k])
                if not long[k]:
                    row = out[s, start + k]
                    backtest(o, c, sums, wish, words, begin, cost, borrow, periods, row)
            for k in range(some):
                if long[k]:
                    count, row = changes(masks[k], bars, places), out[s, start + k]
                    backtest_long(c, steps, extremes, places, count, begin, periods, row)
