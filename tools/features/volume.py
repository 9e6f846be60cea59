"""What the trading itself says, from close times volume: money, which a split doesn't change.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``. Where nothing
was traded there is no logarithm: NaN.
"""

from __future__ import annotations

import numpy as np

from tools.features.registry import feature
from tools.features.windows import after, deviation, logs, mean, moved, over, total
from tools.indicators.arrays import Floats, by_stretch, window_of
from tools.indicators.rolling import lagged, slope

_CV = ("close", "volume")


@feature(
    "turnover_move", "Change of turnover", family="volume", inputs=_CV,
    outputs=("turnover_move_{window}",), windows=(1, 5, 20), unit="logarithm", warm_up=after(),
    source="logarithm of turnover over that of so many bars before; rate of change",
)  # fmt: skip
def turnover_move(close: Floats, volume: Floats, window: int = 5) -> Floats:
    """NaN where either bar traded nothing."""
    n = window_of(window)

    def one(c: Floats, v: Floats) -> Floats:
        money = logs(c * v)
        return money - lagged(money, n)

    return by_stretch(one, close, volume)[0]


@feature(
    "relative_turnover", "Turnover over its mean", family="volume", inputs=_CV,
    outputs=("relative_turnover_{window}",), windows=(5, 20, 60), unit="ratio", warm_up=after(),
    source="turnover over the mean of the bars before",
)  # fmt: skip
def relative_turnover(close: Floats, volume: Floats, window: int = 20) -> Floats:
    """The bar itself is not in the mean."""
    n = window_of(window)
    return by_stretch(lambda c, v: over(c * v, lagged(mean(c * v, n), 1)), close, volume)[0]


@feature(
    "turnover_score", "Turnover in standard deviations", family="volume", inputs=_CV,
    outputs=("turnover_score_{window}",), windows=(20, 60), unit="deviations", warm_up=after(-1),
    source="z-score of the logarithm of turnover",
)  # fmt: skip
def turnover_score(close: Floats, volume: Floats, window: int = 20) -> Floats:
    """Distance of the logarithm from its mean; NaN where it never changes."""
    n = window_of(window, least=2)

    def one(c: Floats, v: Floats) -> Floats:
        money = logs(c * v)
        return (money - mean(money, n)) / moved(deviation(money, n), money)

    return by_stretch(one, close, volume)[0]


@feature(
    "turnover_trend", "Trend of turnover", family="volume", inputs=_CV,
    outputs=("turnover_trend_{window}",), windows=(20, 60), unit="logarithm a bar",
    warm_up=after(-1), source="least-squares slope of the logarithm of turnover",
)  # fmt: skip
def turnover_trend(close: Floats, volume: Floats, window: int = 20) -> Floats:
    """Above zero when trading grows."""
    n = window_of(window, least=2)
    return by_stretch(lambda c, v: slope(logs(c * v), n), close, volume)[0]


@feature(
    "signed_turnover", "Turnover of rising less falling bars", family="volume", inputs=_CV,
    outputs=("signed_turnover_{window}",), windows=(5, 20, 60), unit="-1 to 1", warm_up=after(),
    source="J. Granville's on-balance volume, over all that was traded in the window",
)  # fmt: skip
def signed_turnover(close: Floats, volume: Floats, window: int = 20) -> Floats:
    """NaN where nothing was traded."""
    n = window_of(window)

    def one(c: Floats, v: Floats) -> Floats:
        side, money = np.sign(c - lagged(c, 1)), np.abs(c * v)
        return over(total(side * money, n), total(money, n))

    return by_stretch(one, close, volume)[0]


@feature(
    "turnover_level", "Turnover", family="volume", inputs=_CV,
    outputs=("turnover_level_{window}",), windows=(20,), unit="logarithm of currency a bar",
    warm_up=after(-1), source="logarithm of the mean of close times volume",
)  # fmt: skip
def turnover_level(close: Floats, volume: Floats, window: int = 20) -> Floats:
    """How much money trades: the size of the market in it."""
    n = window_of(window)
    return by_stretch(lambda c, v: logs(mean(c * v, n)), close, volume)[0]
