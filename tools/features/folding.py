"""Sums over every window at once, compiled; imports numba, so it is imported late.

The outer loop goes through the window and the inner one along the bars, which the processor does
several at a time. Each window's terms are added oldest first, so a value has the same bits wherever
its window stands. NaN for the first ``window - 1`` and for windows that hold one.
"""

from __future__ import annotations

import numpy as np

from tools.indicators.arrays import Floats
from tools.indicators.compiled import compiled


@compiled
def total(values: Floats, window: int) -> Floats:
    """Sum of each window."""
    result = np.full(values.size, np.nan)
    many = values.size - window + 1
    if many <= 0:
        return result
    added = np.zeros(many)
    for place in range(window):
        part = values[place : place + many]
        for t in range(many):
            added[t] += part[t]
    result[window - 1 :] = added
    return result


@compiled
def covariance(one: Floats, other: Floats, window: int) -> Floats:
    """Mean of the products of the distances from each window's means."""
    result = np.full(one.size, np.nan)
    many = one.size - window + 1
    if many <= 0:
        return result
    a, b = total(one, window)[window - 1 :] / window, total(other, window)[window - 1 :] / window
    added = np.zeros(many)
    for place in range(window):
        x, y = one[place : place + many], other[place : place + many]
        for t in range(many):
            added[t] += (x[t] - a[t]) * (y[t] - b[t])
    result[window - 1 :] = added / window
    return result


@compiled
def variance(values: Floats, window: int) -> Floats:
    """Mean of the squared distances from each window's mean."""
    result = np.full(values.size, np.nan)
    many = values.size - window + 1
    if many <= 0:
        return result
    middle = total(values, window)[window - 1 :] / window
    added = np.zeros(many)
    for place in range(window):
        x = values[place : place + many]
        for t in range(many):
            added[t] += (x[t] - middle[t]) * (x[t] - middle[t])
    result[window - 1 :] = added / window
    return result
