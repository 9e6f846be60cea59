"""The twin of ``strategies/dual_moving_average.py``. Imported late: this imports numba."""

from __future__ import annotations

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.twins.exactly import mean
from tools.backtest.fast.twins.whole import CLOSE, COUNT, PLACE, SUM, whole_bars, window
from tools.backtest.fast.weighted import Weighted, weigh


@weigh
def crossed(whole: Floats, params: Floats, wanted: Floats) -> float:
    """``params``: fast, slow, band, weight."""
    fast, slow, band, weight = window(params[0], 1), window(params[1], 2), params[2], params[3]
    if fast >= slow:
        raise ValueError("the fast window must be below the slow one")
    closes, total = whole[CLOSE], whole[SUM]
    for k in range(slow, int(whole[COUNT, 0]) + 1):
        quick, calm = total[k] - total[k - fast], total[k] - total[k - slow]
        above = quick * slow - calm * fast
        edge, doubt = band * calm * fast, 1e-14 * quick * slow + 2e-15 * total[k] * slow
        if abs(abs(above) - edge) <= doubt:
            above = mean(closes[k - fast : k]) / mean(closes[k - slow : k]) - 1.0
            edge = band
        at = int(whole[PLACE, k - 1])
        if above > edge:
            wanted[0, at] = weight
        elif above < -edge:
            wanted[1, at] = 0.0
    return 0.0


RULE = Weighted(whole_bars, crossed, 4)
