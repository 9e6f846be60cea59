"""Whether one Sharpe ratio is better than another by more than luck, on the same days.

The same blocks of days are drawn for both, so that what both had in common falls out. After Ledoit
and Wolf, "Robust Performance Hypothesis Testing with the Sharpe Ratio", Journal of Empirical
Finance (2008), with the difference itself in place of their studentised one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations

import numpy as np

from tools.backtest.metrics import NOISE
from tools.market_data.columns import Floats

DRAWS = 4_000


def by_luck(
    returns: Floats, block: float, periods: float, seed: int, draws: int = DRAWS
) -> Iterator[tuple[int, int, float, float]]:
    """For each pair of columns: the difference of their Sharpe ratios a year, and its chance.

    ``returns`` has the shape ``(days, runs)``. The chance is that of a difference at least as
    large, either way, were there none in truth; NaN where a run never moved.
    """
    from tools.backtest.fast.resampling import resampled_means

    days, runs = returns.shape
    # Around the mean, the squares lose no digits; the mean comes back below.
    middle = returns.mean(axis=0)
    around = returns - middle
    drawn = resampled_means(np.column_stack([around, around * around]), block, draws, seed)
    means, squares = drawn[:, :runs], drawn[:, runs:]
    seen = _ratio(middle, np.mean(around * around, axis=0), days, periods)
    others = _ratio(means + middle, squares - means * means, days, periods)
    for first, second in combinations(range(runs), 2):
        difference = float(seen[first] - seen[second])
        away = others[:, first] - others[:, second] - difference
        known = away[np.isfinite(away)]
        if not math.isfinite(difference) or not known.size:
            yield first, second, math.nan, math.nan
            continue
        as_far = int(np.sum(np.abs(known) >= abs(difference) - NOISE))
        yield first, second, difference, (1 + as_far) / (1 + known.size)


def _ratio(means: Floats, variances: Floats, days: int, periods: float) -> Floats:
    swing = np.sqrt(np.maximum(variances, 0.0) * days / (days - 1))
    known = swing > NOISE
    ratio = means / np.where(known, swing, 1.0) * math.sqrt(periods)
    return np.asarray(np.where(known, ratio, np.nan))
