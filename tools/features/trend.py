"""Which way, how steep and how straight; ADX, Aroon and their like are indicators.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``. A price not
above zero has no logarithm: its windows are NaN.
"""

from __future__ import annotations

import numpy as np

from tools.domain.errors import InputError
from tools.features.registry import feature
from tools.features.windows import after, deviation, logs, mean, moved, total
from tools.indicators.arrays import Floats, by_stretch, window_of
from tools.indicators.rolling import lagged, slope


@feature(
    "above_average", "Close over its mean", family="trend", outputs=("above_average_{window}",),
    windows=(5, 10, 20, 50, 100, 200), unit="logarithm", warm_up=after(-1),
    source="logarithm of the close over its simple mean",
)  # fmt: skip
def above_average(close: Floats, window: int = 50) -> Floats:
    """Above zero over the average."""
    n = window_of(window)
    return by_stretch(lambda x: logs(x) - logs(mean(x, n)), close)[0]


@feature(
    "average_ratio", "Fast over slow mean", family="trend", outputs=("average_ratio",),
    params={"fast": 50, "slow": 200}, unit="logarithm", warm_up=lambda p: p["slow"] - 1,
    source="logarithm of one simple mean over the other; the golden cross at zero",
)  # fmt: skip
def average_ratio(close: Floats, fast: int = 50, slow: int = 200) -> Floats:
    """Above zero when the fast one is higher."""
    n, m = window_of(fast, "fast"), window_of(slow, "slow")
    if n >= m:
        raise InputError(f"fast must be shorter than slow, was {n} and {m}.")
    return by_stretch(lambda x: logs(mean(x, n)) - logs(mean(x, m)), close)[0]


@feature(
    "steepness", "Slope of the log price", family="trend", outputs=("steepness_{window}",),
    windows=(10, 20, 60, 120), unit="logarithm a bar", warm_up=after(-1),
    source="least-squares slope of the logarithm of the close",
)  # fmt: skip
def steepness(close: Floats, window: int = 20) -> Floats:
    """The growth of a bar."""
    n = window_of(window, least=2)

    def one(x: Floats) -> Floats:
        # The returns instead of the levels, so that the price's own unit drops out.
        weights = np.arange(1, n) * (n - np.arange(1, n)) / 2
        moves = logs(x) - lagged(logs(x), 1)
        result = np.full(x.size, np.nan)
        many = x.size - n + 1
        if many > 0:
            folded = np.zeros(many)
            for place, weight in enumerate(weights):
                folded += moves[place + 1 : place + 1 + many] * weight
            result[n - 1 :] = folded / (n * (n * n - 1) / 12)
        return result

    return by_stretch(one, close)[0]


@feature(
    "straightness", "How straight the log price runs", family="trend",
    outputs=("straightness_{window}",), windows=(20, 60, 120), unit="-1 to 1", warm_up=after(-1),
    source="correlation of the logarithm of the close with time",
)  # fmt: skip
def straightness(close: Floats, window: int = 60) -> Floats:
    """1 on a line upwards, -1 downwards; NaN where nothing moved."""
    n = window_of(window, least=2)
    spread = np.sqrt((n * n - 1) / 12)

    def one(x: Floats) -> Floats:
        price = logs(x)
        away = moved(deviation(price, n), np.maximum(np.abs(price), 1))
        straight: Floats = np.clip(slope(price, n) * spread / away, -1, 1)
        return straight

    return by_stretch(one, close)[0]


@feature(
    "net_over_way", "Net move over the whole way", family="trend",
    outputs=("net_over_way_{window}",), windows=(10, 20, 60), unit="-1 to 1", warm_up=after(),
    source="P. Kaufman's efficiency ratio (1995), with its sign, on logarithms",
)  # fmt: skip
def net_over_way(close: Floats, window: int = 20) -> Floats:
    """NaN where nothing moved."""
    n = window_of(window)

    def one(x: Floats) -> Floats:
        price = logs(x)
        way = total(np.abs(price - lagged(price, 1)), n)
        return np.clip((price - lagged(price, n)) / moved(way, np.maximum(np.abs(price), 1)), -1, 1)

    return by_stretch(one, close)[0]
