"""How the spread of returns grows with time, window by window, compiled; imports numba.

Each window is worked out afresh. NaN where it holds a NaN, or nothing moved.
"""

from __future__ import annotations

import numpy as np

from tools.indicators.arrays import Floats
from tools.indicators.compiled import compiled

SHORTEST = 8


@compiled
def _slope(x: Floats, y: Floats, count: int) -> float:
    mean_x, mean_y = 0.0, 0.0
    for i in range(count):
        mean_x += x[i]
        mean_y += y[i]
    mean_x /= count
    mean_y /= count
    above, below = 0.0, 0.0
    for i in range(count):
        above += (x[i] - mean_x) * (y[i] - mean_y)
        below += (x[i] - mean_x) ** 2
    return above / below if below > 0 else np.nan


@compiled
def _range_over_deviation(part: Floats) -> float:
    middle, squares = 0.0, 0.0
    for move in part:
        middle += move
    middle /= part.size
    way, low, high = 0.0, 0.0, 0.0
    for move in part:
        way += move - middle
        squares += (move - middle) ** 2
        low, high = min(low, way), max(high, way)
    spread = np.sqrt(squares / part.size)
    return (high - low) / spread if spread > 0 else np.nan


@compiled
def rescaled_range(moves: Floats, window: int) -> Floats:
    """Hurst's exponent from the mean rescaled range of parts of 8, 16, … ``window`` returns."""
    result = np.full(moves.size, np.nan)
    x, y = np.empty(16), np.empty(16)
    for t in range(window - 1, moves.size):
        held = moves[t - window + 1 : t + 1]
        count, length = 0, SHORTEST
        while length <= window:
            ratio, parts = 0.0, window // length
            for k in range(parts):
                ratio += _range_over_deviation(held[k * length : (k + 1) * length])
            x[count], y[count] = np.log(length), np.log(ratio / parts)
            count, length = count + 1, 2 * length
        result[t] = _slope(x, y, count)
    return result


@compiled
def _scatter(profile: Floats) -> float:
    """Sum of the squared distances from the least-squares line."""
    n = profile.size
    middle, steep, spread = 0.0, 0.0, 0.0
    for i in range(n):
        middle += profile[i]
    middle /= n
    for i in range(n):
        steep += (i - (n - 1) / 2) * profile[i]
    steep /= n * (n * n - 1) / 12
    for i in range(n):
        spread += (profile[i] - middle - steep * (i - (n - 1) / 2)) ** 2
    return spread


@compiled
def detrended(moves: Floats, window: int) -> Floats:
    """The exponent of detrended fluctuation, parts of 8, 16, … ``window / 4`` returns."""
    result = np.full(moves.size, np.nan)
    x, y, profile = np.empty(16), np.empty(16), np.empty(window)
    for t in range(window - 1, moves.size):
        middle, way = 0.0, 0.0
        for k in range(window):
            middle += moves[t - window + 1 + k]
        middle /= window
        for k in range(window):
            way += moves[t - window + 1 + k] - middle
            profile[k] = way
        count, length = 0, SHORTEST
        while length <= window // 4:
            scatter, parts = 0.0, window // length
            for k in range(parts):
                scatter += _scatter(profile[k * length : (k + 1) * length])
            spread = np.sqrt(scatter / (parts * length))
            x[count], y[count] = np.log(length), np.log(spread) if spread > 0 else np.nan
            count, length = count + 1, 2 * length
        result[t] = _slope(x, y, count)
    return result
