"""The twin of ``strategies/mean_reversion.py``. Imported late: this imports numba."""

from __future__ import annotations

import numpy as np

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.compiling import bare
from tools.backtest.fast.twins.exactly import deviation, mean
from tools.backtest.fast.twins.whole import CLOSE, COUNT, PLACE, SQUARES, SUM, whole_bars, window
from tools.backtest.fast.weighted import Weighted, weigh


@bare
def roughly(whole: Floats, k: int, size: int) -> tuple[float, float]:
    """How many deviations bar k - 1 is under its mean, by two sums, and how far off that may be."""
    total, squares = whole[SUM], whole[SQUARES]
    middle = (total[k] - total[k - size]) / size
    spread = (squares[k] - squares[k - size]) / size - middle * middle
    off = 4e-16 * total[k] / size + 1e-14 * middle
    spread_off = 1e-15 * squares[k] / size + 2 * middle * off
    if spread <= 1000 * spread_off:
        return 0.0, np.inf
    swing = np.sqrt(spread)
    under = (middle - whole[CLOSE, k - 1]) / swing
    return under, off / swing + abs(under) * (spread_off / spread + 1e-12)


@weigh
def fallen(whole: Floats, params: Floats, wanted: Floats) -> float:
    """``params``: window, entry, exit, stop, weight."""
    size = window(params[0], 1)
    enter, leave, stop, weight = params[1], params[2], params[3], params[4]
    closes, spare = whole[CLOSE], np.empty(size)
    for k in range(size, int(whole[COUNT, 0]) + 1):
        under, doubt = roughly(whole, k, size)
        nearest = min(abs(under - enter), abs(under - leave), abs(under - stop))
        if nearest <= doubt:
            spread = deviation(closes[k - size : k], spare, 0)
            if spread == 0:
                continue
            under = (mean(closes[k - size : k]) - closes[k - 1]) / spread
        at = int(whole[PLACE, k - 1])
        if enter <= under < stop:
            wanted[0, at] = weight
        if under <= leave or under >= stop:
            wanted[1, at] = 0.0
    return 0.0


RULE = Weighted(whole_bars, fallen, 5)
