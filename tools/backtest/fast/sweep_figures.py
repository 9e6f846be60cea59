"""The figures of one backtest of a sweep, and how wishes lie in memory.

Imported late: this imports numba.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.compiling import bare
from tools.backtest.metrics import NOISE, STILL

RETURN, SHARPE, DRAWDOWN, TRADES = range(4)
EIGHT_LONG, EIGHT_OUT = np.uint64(0x0101010101010101), np.uint64(0)
Words = npt.NDArray[np.uint64]
"""Eight wishes each."""


@bare
def sharpe_of(total: float, squares: float, bars: int, equity: float, periods: float) -> float:
    """A year's Sharpe ratio from the sums of returns and of their squares, as in ``metrics``."""
    mean = total / bars
    spread = (squares - total * mean) / (bars - 1) if bars > 1 else 0.0
    known = equity > NOISE and spread > max(NOISE, STILL * abs(mean)) ** 2
    return mean / np.sqrt(spread) * np.sqrt(periods) if known else np.nan


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
