"""How a symbol moves with a market, by the market's close as it was known at each bar.

``market`` is put beside the bars by ``aligned.with_market``. Arrays are float64 of shape ``(n,)``,
oldest first; windows that touch a bar without either price are NaN.
"""

from __future__ import annotations

import numpy as np

from tools.features.registry import feature
from tools.features.windows import after, both, covariance, deviation, logs, moved, over, total
from tools.indicators.arrays import Floats, by_stretch, window_of
from tools.indicators.rolling import lagged
from tools.indicators.smoothing import log_returns

_INPUTS = ("close", "market")


def _returns(close: Floats, market: Floats) -> tuple[Floats, Floats]:
    return both(log_returns(close), log_returns(market))


@feature(
    "market_correlation", "Correlation with the market", family="cross_asset", inputs=_INPUTS,
    outputs=("market_correlation_{window}",), windows=(20, 60, 120), unit="-1 to 1",
    warm_up=after(), source="K. Pearson (1896), of log returns",
)  # fmt: skip
def market_correlation(close: Floats, market: Floats, window: int = 60) -> Floats:
    """NaN where either never moved."""
    n = window_of(window, least=2)

    def one(c: Floats, m: Floats) -> Floats:
        ours, theirs = _returns(c, m)
        flat = np.ones(c.size)
        spread = moved(deviation(ours, n), flat) * moved(deviation(theirs, n), flat)
        return np.clip(covariance(ours, theirs, n) / spread, -1, 1)

    return by_stretch(one, close, market)[0]


@feature(
    "beta", "Beta to the market", family="cross_asset", inputs=_INPUTS,
    outputs=("beta_{window}",), windows=(60, 120, 252), unit="ratio", warm_up=after(),
    source="W. Sharpe (1964): covariance over the market's variance, of log returns",
)  # fmt: skip
def beta(close: Floats, market: Floats, window: int = 120) -> Floats:
    """NaN where the market never moved."""
    n = window_of(window, least=2)

    def one(c: Floats, m: Floats) -> Floats:
        ours, theirs = _returns(c, m)
        return covariance(ours, theirs, n) / moved(deviation(theirs, n), np.ones(c.size)) ** 2

    return by_stretch(one, close, market)[0]


@feature(
    "own_move", "Return that the market doesn't explain", family="cross_asset", inputs=_INPUTS,
    outputs=("own_move", "own_risk_share"), params={"window": 60}, unit="logarithm; 0 to 1",
    warm_up=after(), source="residual of the one-factor model, W. Sharpe (1963)",
)  # fmt: skip
def own_move(close: Floats, market: Floats, window: int = 60) -> tuple[Floats, ...]:
    """The last log return less beta times the market's, and the share of the variance that is its
    own: one less the squared correlation.
    """
    n = window_of(window, least=3)

    def one(c: Floats, m: Floats) -> tuple[Floats, ...]:
        ours, theirs = _returns(c, m)
        flat = np.ones(c.size)
        variance = moved(deviation(theirs, n), flat) ** 2
        together = covariance(ours, theirs, n)
        share = 1 - together**2 / (variance * moved(deviation(ours, n), flat) ** 2)
        return ours - together / variance * theirs, np.clip(share, 0, 1)

    return by_stretch(one, close, market, outputs=2)


@feature(
    "market_move", "Return of the market", family="cross_asset", inputs=("market",),
    outputs=("market_move_{window}",), windows=(1, 5, 21), unit="logarithm", warm_up=after(),
    source="logarithm of the market's close over that of so many bars before",
)  # fmt: skip
def market_move(market: Floats, window: int = 1) -> Floats:
    """NaN for the first ``window`` bars."""
    n = window_of(window)
    return by_stretch(lambda x: logs(x) - lagged(logs(x), n), market)[0]


@feature(
    "beyond_market", "Return less the market's", family="cross_asset", inputs=_INPUTS,
    outputs=("beyond_market_{window}",), windows=(5, 21, 63, 252), unit="logarithm",
    warm_up=after(), source="relative strength: difference of the log returns",
)  # fmt: skip
def beyond_market(close: Floats, market: Floats, window: int = 21) -> Floats:
    """Above zero when it did better."""
    n = window_of(window)

    def one(c: Floats, m: Floats) -> Floats:
        apart = logs(c) - logs(m)
        return apart - lagged(apart, n)

    return by_stretch(one, close, market)[0]


@feature(
    "market_lead", "Correlation with the market's bar before", family="cross_asset",
    inputs=_INPUTS, outputs=("market_lead_{window}",), windows=(60,), unit="-1 to 1",
    warm_up=after(1), source="A. Lo and C. MacKinlay (1990): lead and lag",
)  # fmt: skip
def market_lead(close: Floats, market: Floats, window: int = 60) -> Floats:
    """High when the symbol follows a bar late."""
    n = window_of(window, least=2)

    def one(c: Floats, m: Floats) -> Floats:
        ours, before = both(log_returns(c), lagged(log_returns(m), 1))
        flat = np.ones(c.size)
        spread = moved(deviation(ours, n), flat) * moved(deviation(before, n), flat)
        return np.clip(covariance(ours, before, n) / spread, -1, 1)

    return by_stretch(one, close, market)[0]


@feature(
    "down_beta", "Beta in falling markets", family="cross_asset", inputs=_INPUTS,
    outputs=("down_beta_{window}",), windows=(120,), unit="ratio", warm_up=after(),
    source="A. Ang, J. Chen and Y. Xing (2006), around zero",
)  # fmt: skip
def down_beta(close: Floats, market: Floats, window: int = 120) -> Floats:
    """Sum of products over sum of squares, where the market fell; NaN where it never did."""
    n = window_of(window)

    def one(c: Floats, m: Floats) -> Floats:
        ours, theirs = _returns(c, m)
        fell = np.minimum(theirs, 0)
        return over(total(ours * fell, n), total(fell * fell, n))

    return by_stretch(one, close, market)[0]
