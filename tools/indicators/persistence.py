"""Do moves go on, or turn back: long memory in the log returns.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``. A price not
above zero has no logarithm: its windows are NaN.
"""

from __future__ import annotations

import numpy as np

from tools.indicators.arrays import Floats, by_stretch, window_of
from tools.indicators.registry import register
from tools.indicators.rolling import lagged, mean, moment, total
from tools.indicators.smoothing import log_returns
from tools.indicators.ta.table import bars

_KNOWLEDGE = "indicators/hurst-exponent"


@register(
    "hurst", "Hurst exponent, rescaled range", outputs=("hurst_{window}",), windows=(128,),
    unit="0 to 1", family="statistics", knowledge=_KNOWLEDGE,
    source="H. Hurst (1951), B. Mandelbrot and J. Wallis (1969)", memory=bars("window", 1),
)  # fmt: skip
def hurst(close: Floats, window: int = 128) -> Floats:
    """Slope of log(range / deviation) over log(length), lengths 8, 16, 32, … up to the window.

    About 0.5 for independent returns (short windows lean above it), more where moves go on. NaN
    where a part of the window never moved.
    """
    from tools.indicators.scaling import rescaled_range

    n = window_of(window, least=32)
    return by_stretch(lambda x: rescaled_range(log_returns(x), n), close)[0]


@register(
    "hurst_dfa", "Hurst exponent, detrended fluctuation", outputs=("hurst_dfa_{window}",),
    windows=(128,), unit="0 to 1", family="statistics", knowledge=_KNOWLEDGE,
    source="C.-K. Peng and others (1994)", memory=bars("window", 1),
)  # fmt: skip
def hurst_dfa(close: Floats, window: int = 128) -> Floats:
    """Slope of log(fluctuation around straight lines) over log(length), lengths 8 to window / 4."""
    from tools.indicators.scaling import detrended

    n = window_of(window, least=64)
    return by_stretch(lambda x: detrended(log_returns(x), n), close)[0]


@register(
    "autocorrelation", "Autocorrelation of returns", outputs=("autocorrelation",),
    params={"window": 60, "lag": 1}, unit="-1 to 1", family="statistics", knowledge=_KNOWLEDGE,
    source="K. Pearson (1896), of log returns and those before them",
    memory=lambda params: params["window"] + params["lag"] + 1,
)  # fmt: skip
def autocorrelation(close: Floats, window: int = 60, lag: int = 1) -> Floats:
    """Correlation of the window's log returns with those ``lag`` bars before."""
    n, back = window_of(window, least=3), window_of(lag, "lag")

    def one(x: Floats) -> Floats:
        moves = log_returns(x)
        before = lagged(moves, back)
        now = np.where(np.isnan(before), np.nan, moves)
        together = mean(now * before, n) - mean(now, n) * mean(before, n)
        spread = np.sqrt(moment(now, n, 2) * moment(before, n, 2))
        return np.clip(together / np.where(spread > 0, spread, np.nan), -1, 1)

    return by_stretch(one, close)[0]


@register(
    "variance_ratio", "Variance ratio", outputs=("variance_ratio",),
    params={"window": 120, "span": 5}, unit="ratio", family="statistics", knowledge=_KNOWLEDGE,
    source="A. Lo and C. MacKinlay (1988), overlapping", memory=bars("window", 1),
)  # fmt: skip
def variance_ratio(close: Floats, window: int = 120, span: int = 5) -> Floats:
    """Variance of returns over ``span`` bars, over ``span`` times that of one bar; 1 at random."""
    n, q = window_of(window, least=4), window_of(span, "span", 2)
    free = q * (n - q + 1) * (1 - q / n)

    def one(x: Floats) -> Floats:
        moves = log_returns(x)
        drift = mean(moves, n)
        single, longer = moment(moves, n, 2) * n / (n - 1), total(moves, q)
        m = n - q + 1
        spread = total(longer**2, m) - 2 * q * drift * total(longer, m) + m * (q * drift) ** 2
        return spread / free / np.where(single > 0, single, np.nan)

    if free <= 0:
        return np.full(np.shape(close), np.nan)
    return by_stretch(one, close)[0]


@register(
    "permutation_entropy", "Permutation entropy", outputs=("permutation_entropy_{window}",),
    windows=(100,), unit="0 to 1", family="statistics", knowledge=_KNOWLEDGE,
    source="C. Bandt and B. Pompe (2002), order 3", memory=bars("window", 2),
)  # fmt: skip
def permutation_entropy(close: Floats, window: int = 100) -> Floats:
    """How evenly the six orders of three closes in a row occur: 1 at random, 0 in a steady trend.

    Equal closes count as rising.
    """
    n = window_of(window, least=2)

    def one(x: Floats) -> Floats:
        first, second = lagged(x, 2), lagged(x, 1)
        order = 4.0 * (first > second) + 2.0 * (second > x) + 1.0 * (first > x)
        order[:2] = np.nan
        entropy = np.zeros(x.size)
        for kind in range(8):
            share = mean(np.where(np.isnan(order), np.nan, order == kind), n)
            entropy -= np.where(share == 0, 0, share * np.log(share))
        evenly: Floats = np.abs(entropy) / np.log(6)
        return evenly

    return by_stretch(one, close)[0]
