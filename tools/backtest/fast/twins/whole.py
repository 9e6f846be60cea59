"""The bars that are no holes, side by side, as a strategy's context has them.

Imported late: this imports numba.
"""

from __future__ import annotations

import numpy as np

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.compiling import bare, typed
from tools.backtest.fast.rules import PREPARE

CLOSE, HIGH, LOW, PLACE, SUM, SQUARES, COUNT = range(7)


@bare
def added(total: float, lost: float, value: float) -> tuple[float, float]:
    """A sum and what rounding took from it (Neumaier's summation), with one value more."""
    exact = value + lost
    grown = total + exact
    back = grown - total
    return grown, (total - (grown - back)) + (exact - back)


@bare
def window(value: float, least: int) -> int:
    """A parameter that is a whole number of bars; ValueError where it is none."""
    if not least <= value <= 1e9 or value != np.floor(value):
        raise ValueError("windows must be whole numbers of bars within their range")
    return int(value)


@typed(PREPARE)
def whole_bars(columns: Floats) -> Floats:
    """Rows of closes, highs, lows, and the bar where each was; how many there are is the last's 0.

    ``SUM`` and ``SQUARES`` are the sums of the closes before each and of their squares, each off
    by hardly more than its own last digit, however many were added.
    """
    bars = columns.shape[1]
    whole = np.zeros((COUNT + 1, bars + 1))
    count, lost, lost_square = 0, 0.0, 0.0
    for t in range(bars):
        close = columns[3, t]
        if np.isnan(close):
            continue
        whole[CLOSE, count], whole[HIGH, count] = close, columns[1, t]
        whole[LOW, count], whole[PLACE, count] = columns[2, t], t
        whole[SUM, count + 1], lost = added(whole[SUM, count], lost, close)
        whole[SQUARES, count + 1], lost_square = added(
            whole[SQUARES, count], lost_square, close * close
        )
        count += 1
    whole[COUNT, 0] = count
    return whole
