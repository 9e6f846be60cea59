"""The twin of ``strategies/momentum.py`` on one symbol. Imported late: this imports numba."""

from __future__ import annotations

import numpy as np

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.twins.whole import CLOSE, COUNT, PLACE, whole_bars, window
from tools.backtest.fast.weighted import Weighted, weigh


@weigh
def risen(whole: Floats, params: Floats, wanted: Floats) -> float:
    """``params``: lookback, skip, every, hold, weight.

    Alone, a symbol is chosen when it rose. As in the class, more than the cash is never bought.
    """
    lookback, skip, every = window(params[0], 1), window(params[1], 0), window(params[2], 1)
    each = params[4] / window(params[3], 1)
    closes = whole[CLOSE]
    for k in range(int(whole[COUNT, 0])):
        newest = k - (k + 1) % every - skip
        rose = newest >= lookback and closes[newest] / closes[newest - lookback] - 1.0 > 0
        at = int(whole[PLACE, k])
        wanted[0, at] = each if rose and each <= 1 else np.nan
        wanted[1, at] = np.nan if rose else 0.0
    return 0.0


RULE = Weighted(whole_bars, risen, 5)
