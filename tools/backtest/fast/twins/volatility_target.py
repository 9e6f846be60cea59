"""The twin of ``strategies/volatility_target.py``. Imported late: this imports numba."""

from __future__ import annotations

import numpy as np

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.compiling import typed
from tools.backtest.fast.rules import PREPARE
from tools.backtest.fast.twins.exactly import deviation
from tools.backtest.fast.twins.whole import added, window
from tools.backtest.fast.weighted import Weighted, weigh

MOVE, PLACE, SUM, SQUARES, COUNT = range(5)


@typed(PREPARE)
def whole_moves(columns: Floats) -> Floats:
    """Rows: each close's logarithm less that of the close before, and its bar, without holes.

    Then the sums of the moves before each and of their squares; how many closes there are is the
    last row's 0.
    """
    bars = columns.shape[1]
    whole = np.zeros((COUNT + 1, bars + 1))
    count, before, lost, lost_square = 0, 0.0, 0.0, 0.0
    for t in range(bars):
        if np.isnan(columns[3, t]):
            continue
        level = np.log(columns[3, t])
        move, before = level - before if count else 0.0, level
        whole[MOVE, count], whole[PLACE, count] = move, t
        whole[SUM, count + 1], lost = added(whole[SUM, count], lost, move)
        whole[SQUARES, count + 1], lost_square = added(
            whole[SQUARES, count], lost_square, move * move
        )
        count += 1
    whole[COUNT, 0] = count
    return whole


@weigh
def calm(whole: Floats, params: Floats, wanted: Floats) -> float:
    """``params``: target, window, most, band, bars a year.

    The logarithm is the C library's, so a weight may differ from the class's in its last digits.
    """
    target, size, most, band = params[0], window(params[1], 2), params[2], params[3]
    a_year, spare = params[4] ** 0.5, np.empty(size)
    moves, total, squares = whole[MOVE], whole[SUM], whole[SQUARES]
    for k in range(size + 1, int(whole[COUNT, 0]) + 1):
        one = total[k] - total[k - size]
        spread = (squares[k] - squares[k - size] - one * one / size) / (size - 1)
        swing = np.sqrt(max(spread, 0.0))
        if spread < 1e-5 * squares[k]:  # too much of it may be rounding
            swing = deviation(moves[k - size : k], spare, 1)
        swing *= a_year
        weight = min(target / swing, most) if swing > 0 else most
        at = int(whole[PLACE, k - 1])
        wanted[0, at], wanted[1, at] = weight, weight
    return float(band)


RULE = Weighted(whole_moves, calm, 5)
