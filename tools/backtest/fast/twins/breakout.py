"""The twin of ``strategies/breakout.py``. Imported late: this imports numba."""

from __future__ import annotations

import numpy as np

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.compiling import bare
from tools.backtest.fast.twins.whole import CLOSE, COUNT, HIGH, LOW, PLACE, whole_bars, window
from tools.backtest.fast.weighted import Weighted, weigh


@bare
def highest(values: Floats, size: int, found: Floats) -> None:
    """Into ``found[k]`` the highest of the ``size`` values before k, from ``size`` on.

    By van Herk and by Gil and Werman: each window is the end of one block and the beginning of the
    next, whose highest are known from running through each block once both ways.
    """
    count = values.size
    for start in range(0, count - size, size):
        after = -np.inf
        for k in range(start + size - 1, start - 1, -1):
            after = max(after, values[k])
            if k + size <= count:
                found[k + size] = after
        before = -np.inf
        for k in range(start + size, min(start + 2 * size - 1, count - 1)):
            before = max(before, values[k])
            found[k + 1] = max(found[k + 1], before)


@weigh
def left(whole: Floats, params: Floats, wanted: Floats) -> float:
    """``params``: entry, exit, weight."""
    enter, leave, weight = window(params[0], 1), window(params[1], 1), params[2]
    count = int(whole[COUNT, 0])
    above, below = np.empty(count + enter), np.empty(count + leave)
    highest(whole[HIGH, :count], enter, above)
    highest(-whole[LOW, :count], leave, below)
    for k in range(max(enter, leave), count):
        at, close = int(whole[PLACE, k]), whole[CLOSE, k]
        if close > above[k]:
            wanted[0, at] = weight
        if -close > below[k]:
            wanted[1, at] = 0.0
    return 0.0


RULE = Weighted(whole_bars, left, 3)
