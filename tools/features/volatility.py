"""How volatility changes, and how its estimators differ; the estimators themselves are indicators.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``. A price not
above zero has no logarithm: its windows are NaN. Volatilities are per bar, not a year's.
"""

from __future__ import annotations

import math

import numpy as np

from tools.domain.errors import InputError
from tools.features.registry import feature
from tools.features.windows import after, deviation, logs, mean, moved, over, total
from tools.indicators.arrays import Floats, by_stretch, window_of
from tools.indicators.rolling import lagged
from tools.indicators.smoothing import log_returns

_OHLC = ("open", "high", "low", "close")


def _longest(params: object) -> float:
    """Bars before the first value of a ratio of two windows of returns."""
    return float(max(params["fast"], params["slow"]))  # type: ignore[index]


def ratio(fast: int, slow: int, close: Floats) -> Floats:
    """Deviation of the last returns over that of more of them."""
    n, m = window_of(fast, "fast", 2), window_of(slow, "slow", 2)
    if n >= m:
        raise InputError(f"fast must be shorter than slow, was {n} and {m}.")

    def one(x: Floats) -> Floats:
        moves = log_returns(x)
        return deviation(moves, n) / moved(deviation(moves, m), np.ones(x.size))

    return by_stretch(one, close)[0]


@feature(
    "volatility_ratio", "Short over long volatility", family="volatility",
    outputs=("volatility_ratio",), params={"fast": 10, "slow": 60}, unit="ratio",
    warm_up=_longest, source="standard deviation of log returns, fast over slow",
)  # fmt: skip
def volatility_ratio(close: Floats, fast: int = 10, slow: int = 60) -> Floats:
    """Above one when it grows; NaN where nothing moved."""
    return ratio(fast, slow, close)


@feature(
    "volatility_ratio_long", "Month over year of volatility", family="volatility",
    outputs=("volatility_ratio_long",), params={"fast": 21, "slow": 252}, unit="ratio",
    warm_up=_longest, source="standard deviation of log returns, fast over slow",
)  # fmt: skip
def volatility_ratio_long(close: Floats, fast: int = 21, slow: int = 252) -> Floats:
    """Above one when it grows; NaN where nothing moved."""
    return ratio(fast, slow, close)


@feature(
    "volatility", "Volatility of a bar", family="volatility", outputs=("volatility_{window}",),
    windows=(5, 10, 20, 60, 120), unit="logarithm a bar", warm_up=after(),
    source="standard deviation of log returns",
)  # fmt: skip
def volatility(close: Floats, window: int = 20) -> Floats:
    """Divisor ``window - 1``; the yearly one is the indicator realised_volatility."""
    n = window_of(window, least=2)
    return by_stretch(lambda x: deviation(log_returns(x), n, 1), close)[0]


@feature(
    "volatility_of_volatility", "Volatility of volatility", family="volatility",
    outputs=("volatility_of_volatility",), params={"fast": 5, "window": 60}, unit="ratio",
    warm_up=lambda p: p["fast"] + p["window"] - 1,
    source="deviation of the short volatility over its mean",
)  # fmt: skip
def volatility_of_volatility(close: Floats, fast: int = 5, window: int = 60) -> Floats:
    """NaN where nothing moved."""
    n, m = window_of(fast, "fast", 2), window_of(window, least=2)

    def one(x: Floats) -> Floats:
        short = deviation(log_returns(x), n)
        return deviation(short, m) / moved(mean(short, m), np.ones(x.size))

    return by_stretch(one, close)[0]


@feature(
    "range_efficiency", "Range volatility over close volatility", family="volatility",
    inputs=("high", "low", "close"), outputs=("range_efficiency_{window}",), windows=(20, 60),
    unit="ratio", warm_up=after(),
    source="M. Parkinson (1980) over the standard deviation of log returns",
)  # fmt: skip
def range_efficiency(high: Floats, low: Floats, close: Floats, window: int = 20) -> Floats:
    """Above one when bars swing and come back; NaN where closes never moved."""
    n = window_of(window, least=2)

    def one(h: Floats, lo: Floats, c: Floats) -> Floats:
        inside = np.sqrt(mean((logs(h) - logs(lo)) ** 2, n) / (4 * math.log(2)))
        return inside / moved(deviation(log_returns(c), n), np.ones(c.size))

    return by_stretch(one, high, low, close)[0]


@feature(
    "overnight_share", "Share of the gaps in the variance", family="volatility", inputs=_OHLC,
    outputs=("overnight_share_{window}",), windows=(20, 60), unit="0 to 1", warm_up=after(),
    source="squared opening gaps over those and squared open-to-close moves",
)  # fmt: skip
def overnight_share(
    open: Floats,  # noqa: A002 - the price's name
    high: Floats, low: Floats, close: Floats, window: int = 20,
) -> Floats:  # fmt: skip
    """NaN where neither moved."""
    n = window_of(window)

    def one(o: Floats, _h: Floats, _lo: Floats, c: Floats) -> Floats:
        night, day = (logs(o) - lagged(logs(c), 1)) ** 2, (logs(c) - logs(o)) ** 2
        return over(total(night, n), total(night, n) + total(day, n))

    return by_stretch(one, open, high, low, close)[0]


@feature(
    "downside_share", "Share of falls in the variance", family="volatility",
    outputs=("downside_share_{window}",), windows=(20, 60), unit="0 to 1", warm_up=after(),
    source="O. Barndorff-Nielsen, S. Kinnebrock and N. Shephard (2010): downside semivariance",
)  # fmt: skip
def downside_share(close: Floats, window: int = 20) -> Floats:
    """Squared negative returns over all squared returns; NaN where nothing moved."""
    n = window_of(window)

    def one(x: Floats) -> Floats:
        moves = log_returns(x)
        return over(total(np.minimum(moves, 0) ** 2, n), total(moves**2, n))

    return by_stretch(one, close)[0]
