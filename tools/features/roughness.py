"""Higuchi's dimension window by window, compiled; imports numba, so it is imported late."""

from __future__ import annotations

import numpy as np

from tools.indicators.arrays import Floats
from tools.indicators.compiled import compiled

STEPS = 8


@compiled
def higuchi(moves: Floats, window: int) -> Floats:
    """Of the path that ``window`` moves make; NaN where one is NaN or some length is zero."""
    result = np.full(moves.size, np.nan)
    path, x = np.empty(window + 1), np.empty(STEPS)
    for k in range(STEPS):
        x[k] = -np.log(k + 1.0)
    middle = x.mean()
    below = ((x - middle) ** 2).sum()
    for t in range(window - 1, moves.size):
        path[0], largest = 0.0, 0.0
        for i in range(window):
            path[i + 1] = path[i] + moves[t - window + 1 + i]
            largest = max(largest, abs(path[i + 1]))
        slope = 0.0
        for k in range(1, STEPS + 1):
            length = 0.0
            for first in range(k):
                way, count = 0.0, (window - first) // k
                for i in range(1, count + 1):
                    way += abs(path[first + i * k] - path[first + (i - 1) * k])
                length += way * window / (count * k) / k
            # Where nothing moved, what is left is rounding.
            mean = length / k if length > 1e-12 * largest and length > 1e-14 else np.nan
            slope += (x[k - 1] - middle) * np.log(mean)
        result[t] = slope / below
    return result
