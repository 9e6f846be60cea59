"""Which way prices go: averages, their divergence, and how strong the direction is.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``.
"""

from __future__ import annotations

from tools.domain.errors import InputError
from tools.indicators.arrays import Floats, by_stretch, window_of
from tools.indicators.registry import register
from tools.indicators.ta_lib import talib


@register(
    "sma",
    "Simple moving average",
    outputs=("sma_{window}",),
    windows=(50, 200),
    knowledge="indicators/simple-moving-average",
    family="averages",
    source="arithmetic mean; TA-Lib SMA",
)
def sma(close: Floats, window: int = 50) -> Floats:
    """Mean of the last ``window`` closes, in the price's unit; NaN for the first window - 1.

    Running sums: the last digits depend on where the series starts, never on later bars.
    """
    n = window_of(window)
    if n == 1:
        return by_stretch(lambda x: x.copy(), close)[0]
    return by_stretch(lambda x: talib.SMA(x, n), close)[0]


@register(
    "ema",
    "Exponential moving average",
    outputs=("ema_{window}",),
    windows=(20,),
    knowledge="indicators/exponential-moving-average",
    family="averages",
    source="weight 2 / (window + 1), seeded with the first mean; TA-Lib EMA",
)
def ema(close: Floats, window: int = 20) -> Floats:
    """Exponential average with weight ``2 / (window + 1)``, seeded with the first SMA."""
    n = window_of(window)
    if n == 1:
        return by_stretch(lambda x: x.copy(), close)[0]
    return by_stretch(lambda x: talib.EMA(x, n), close)[0]


@register(
    "macd",
    "Moving average convergence divergence",
    outputs=("macd", "macd_signal", "macd_hist"),
    params={"fast": 12, "slow": 26, "signal": 9},
    knowledge="indicators/macd",
    family="momentum",
    source="G. Appel (1979); TA-Lib MACD",
)
def macd(
    close: Floats, fast: int = 12, slow: int = 26, signal: int = 9
) -> tuple[Floats, Floats, Floats]:
    """Fast EMA less slow EMA, its own EMA, and their difference, in the price's unit.

    G. Appel (1979). All three begin together at bar ``slow + signal - 2``; both EMAs are seeded so
    that their first SMA ends at bar ``slow - 1``. Raises InputError unless fast < slow.
    """
    f, s, g = window_of(fast, "fast", 2), window_of(slow, "slow", 2), window_of(signal, "signal")
    if f >= s:
        raise InputError(f"The fast window must be shorter than the slow one, was {f} and {s}.")
    line, smooth, histogram = by_stretch(lambda x: talib.MACD(x, f, s, g), close, outputs=3)
    return line, smooth, histogram


@register(
    "adx",
    "Average directional index",
    inputs=("high", "low", "close"),
    outputs=("adx_{window}",),
    windows=(14,),
    unit="0 to 100",
    knowledge="indicators/average-directional-index",
    family="trend",
    source="J. W. Wilder (1978); TA-Lib ADX",
)
def adx(high: Floats, low: Floats, close: Floats, window: int = 14) -> Floats:
    """Strength of the trend whichever way it goes, 0 to 100; NaN for the first 2 * window - 1.

    J. W. Wilder, New Concepts in Technical Trading Systems (1978).
    """
    n = window_of(window, least=2)
    return by_stretch(lambda h, lo, c: talib.ADX(h, lo, c, n), high, low, close)[0]
