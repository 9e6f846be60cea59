"""Recursive averages of a series that may have NaN in it: they start anew after each.

Float64 arrays of shape ``(n,)``, NaN until the first mean of ``window`` values.
"""

from __future__ import annotations

import numpy as np

from tools.indicators.arrays import Floats, by_stretch
from tools.indicators.rolling import lagged
from tools.indicators.ta_lib import talib


def ema(values: Floats, window: int) -> Floats:
    """Weight ``2 / (window + 1)``, seeded with the first mean."""
    if window == 1:
        return values.copy()
    return by_stretch(lambda x: talib.EMA(x, window), values)[0]


def wilder(values: Floats, window: int) -> Floats:
    """Weight ``1 / window``, seeded with the first mean."""
    if window == 1:
        return values.copy()
    return by_stretch(lambda x: talib.RMA(x, window), values)[0]


def true_range(high: Floats, low: Floats, close: Floats) -> Floats:
    """Largest of high - low, |high - close before|, |low - close before|; NaN for the first."""
    before = lagged(close, 1)
    return np.maximum(high - low, np.maximum(np.abs(high - before), np.abs(low - before)))


def positive(values: Floats) -> Floats:
    """The values, NaN where they are not above zero: such a price has no logarithm."""
    return np.where(values > 0, values, np.nan)


def log_returns(close: Floats) -> Floats:
    """Logarithm of close over the close before; NaN for the first and at prices not above 0."""
    logs: Floats = np.log(positive(close))
    return logs - lagged(logs, 1)
