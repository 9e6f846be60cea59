"""Where a value stands in its window, and the shape of the window's returns.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``. A price not
above zero has no logarithm: its windows are NaN.
"""

from __future__ import annotations

import numpy as np

from tools.indicators.arrays import Floats, by_stretch, window_of
from tools.indicators.registry import register
from tools.indicators.rolling import deviation, lagged, mean, moment, slope
from tools.indicators.smoothing import log_returns, positive
from tools.indicators.ta.table import bars

_KNOWLEDGE = "indicators/regression-and-z-score"


@register(
    "z_score", "Z-score", outputs=("z_score_{window}",), windows=(20,), unit="deviations",
    family="statistics", knowledge=_KNOWLEDGE, source="population form, divisor window",
    memory=bars("window"),
)  # fmt: skip
def z_score(close: Floats, window: int = 20) -> Floats:
    """Distance of the close from the window's mean in its deviations; NaN where it never moved."""
    n = window_of(window, least=2)

    def one(x: Floats) -> Floats:
        spread = deviation(x, n)
        return (x - mean(x, n)) / np.where(spread > 0, spread, np.nan)

    return by_stretch(one, close)[0]


@register(
    "volume_z_score", "Z-score of the volume", inputs=("volume",),
    outputs=("volume_z_score_{window}",), windows=(20,), unit="deviations", family="volume",
    knowledge="patterns/volume-confirmation", source="population form, divisor window",
    memory=bars("window"),
)  # fmt: skip
def volume_z_score(volume: Floats, window: int = 20) -> Floats:
    """Distance of the volume from the window's mean in its deviations."""
    return z_score(volume, window)


@register(
    "r_squared", "R squared of the regression", outputs=("r_squared_{window}",), windows=(20,),
    unit="0 to 1", family="statistics", knowledge=_KNOWLEDGE,
    source="share of the closes' variance that the line explains", memory=bars("window"),
)  # fmt: skip
def r_squared(close: Floats, window: int = 20) -> Floats:
    """How well a straight line in time fits the window's closes; NaN where it never moved."""
    n = window_of(window, least=3)

    def one(x: Floats) -> Floats:
        spread = moment(x, n, 2)
        explained = slope(x, n) ** 2 * (n * n - 1) / 12
        return np.minimum(explained / np.where(spread > 0, spread, np.nan), 1)

    return by_stretch(one, close)[0]


@register(
    "skewness", "Skewness of returns", outputs=("skewness_{window}",), windows=(60,),
    unit="number", family="statistics", knowledge="risk/tail-risk",
    source="third moment of log returns, divisor window", memory=bars("window", 1),
)  # fmt: skip
def skewness(close: Floats, window: int = 60) -> Floats:
    """Below zero where large falls outweigh large rises; NaN where the window never moved."""
    return _shape(close, window_of(window, least=3), 3)


@register(
    "kurtosis", "Excess kurtosis of returns", outputs=("kurtosis_{window}",), windows=(60,),
    unit="number", family="statistics", knowledge="risk/tail-risk",
    source="fourth moment of log returns less 3, divisor window", memory=bars("window", 1),
)  # fmt: skip
def kurtosis(close: Floats, window: int = 60) -> Floats:
    """How fat the tails are: 0 for a normal distribution; NaN where the window never moved."""
    return _shape(close, window_of(window, least=4), 4) - 3


def _shape(close: Floats, window: int, order: int) -> Floats:
    def one(x: Floats) -> Floats:
        moves = log_returns(x)
        spread = deviation(moves, window)
        shape: Floats = moment(moves, window, order) / np.where(spread > 0, spread, np.nan) ** order
        return shape

    return by_stretch(one, close)[0]


@register(
    "log_return", "Log return", outputs=("log_return_{window}",), windows=(1,), unit="fraction",
    family="momentum", knowledge="indicators/rate-of-change", source="ln(close / earlier close)",
    memory=bars("window", 1),
)  # fmt: skip
def log_return(close: Floats, window: int = 1) -> Floats:
    """Logarithm of the close over the close ``window`` bars before."""
    n = window_of(window)

    def one(x: Floats) -> Floats:
        logs: Floats = np.log(positive(x))
        return logs - lagged(logs, n)

    return by_stretch(one, close)[0]
