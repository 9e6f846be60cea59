"""One backtest of a sweep that holds parts of the equity, bar by bar.

Imported late: this imports numba.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import types

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.compiling import bare, typed
from tools.backtest.fast.rules import PREPARE
from tools.backtest.fast.sweep_figures import DRAWDOWN, RETURN, SHARPE, TRADES, sharpe_of
from tools.backtest.fast.sweep_part import columns_of
from tools.backtest.fast.weighted import WEIGH
from tools.backtest.metrics import NOISE

_table = types.float64[:, ::1]
SIGNATURE = types.void(
    types.FunctionType(PREPARE), types.FunctionType(WEIGH), *(_table,) * 5, types.int64,
    types.int64, types.int64, _table, types.float64, types.float64, types.float64,
    types.float64[:, :, ::1],
)  # fmt: skip


@bare
def weighted_backtest(
    columns: Floats,
    wanted: Floats,
    band: float,
    begin: int,
    cost: float,
    borrow: float,
    periods: float,
    out: Floats,
) -> None:
    """Write one row of figures of the bars from ``begin`` on.

    A weight is of the equity at the close that decides, and counted in units at that close; these
    units are traded at the next open, whatever it is. Cash below zero costs nothing.
    """
    opens, closes = columns[0], columns[3]
    cash, units, waiting, value, last = 1.0, 0.0, 0.0, 1.0, 0.0
    equity, peak, worst, total, squares, trades = 1.0, 1.0, 1.0, 0.0, 0.0, 0
    for t in range(begin, closes.size):
        hole = np.isnan(closes[t])
        if not hole:
            last = closes[t]
            if waiting != 0:
                held, units = units, units + waiting
                cash -= (waiting + cost * abs(waiting)) * opens[t]
                trades += held * units <= 0 and held != 0
                waiting = 0.0
        if units < 0:
            cash += units * last * borrow
        value = cash + units * last
        grown = value / equity - 1.0
        total, squares, equity = total + grown, squares + grown * grown, value
        peak = max(peak, value)
        if value < worst * peak:
            worst = value / peak
        if value <= NOISE:  # not 0: what rounding left is nothing, too
            break
        weight = wanted[0 if units == 0 else 1, t]
        if hole or np.isnan(weight):
            continue
        quantity = weight * value / last - units if weight != 0 else -units
        if weight == 0 or abs(quantity) * last > band * value:
            waiting = quantity
    out[RETURN], out[DRAWDOWN], out[TRADES] = equity - 1.0, 1.0 - worst, trades
    out[SHARPE] = sharpe_of(total, squares, closes.size - begin, equity, periods)


@typed(SIGNATURE)
def weighted_part(
    prepare: Callable[[Floats], Floats],
    weigh: Callable[[Floats, Floats, Floats], float],
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
    columns, wanted = np.empty((stop - first, 5, bars)), np.empty((2, bars))
    columns_of(opens, highs, lows, closes, volumes, first, columns)
    for s in range(first, stop):
        own = columns[s - first]
        shared = prepare(own)
        for p in range(params.shape[0]):
            wanted[:] = np.nan
            band = weigh(shared, params[p], wanted)
            weighted_backtest(own, wanted, band, begin, cost, borrow, periods, out[s, p])
