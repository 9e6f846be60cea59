"""How fast prices move, and how stretched they are.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``.
"""

from __future__ import annotations

from tools.indicators.arrays import Floats, by_stretch, window_of
from tools.indicators.registry import register
from tools.indicators.ta_lib import talib


@register(
    "rsi",
    "Relative strength index",
    outputs=("rsi_{window}",),
    windows=(14,),
    unit="0 to 100",
    knowledge="indicators/relative-strength-index",
    family="momentum",
    source="J. W. Wilder (1978); TA-Lib RSI, but 50 where nothing moved",
)
def rsi(close: Floats, window: int = 14) -> Floats:
    """Share of the smoothed gains in all smoothed moves, 0 to 100; NaN for the first ``window``.

    J. W. Wilder (1978), with his smoothing of weight ``1 / window``, seeded with the simple mean.
    A stretch without a single move so far gives 50; TA-Lib's 0 would read as an utter collapse.
    """
    n = window_of(window, least=2)
    return by_stretch(lambda x: _rsi(x, n), close)[0]


def _rsi(close: Floats, window: int) -> Floats:
    values: Floats = talib.RSI(close, window)
    moved = close != close[0]
    first = int(moved.argmax()) if moved.any() else close.size
    values[window:first] = 50.0
    return values


@register(
    "roc",
    "Rate of change",
    outputs=("roc_{window}",),
    windows=(20,),
    unit="fraction",
    knowledge="indicators/rate-of-change",
    family="momentum",
    source="close over an earlier close, less one; TA-Lib ROCP",
    memory=lambda params: params["window"] + 1,
)
def roc(close: Floats, window: int = 20) -> Floats:
    """Close over the close ``window`` bars before, less one: a fraction (0.05 is 5 %).

    NaN for the first ``window``; 0 where the earlier close is zero (TA-Lib's rule).
    """
    n = window_of(window)
    return by_stretch(lambda x: talib.ROCP(x, n), close)[0]


@register(
    "stochastic",
    "Slow stochastic oscillator",
    inputs=("high", "low", "close"),
    outputs=("stoch_k", "stoch_d"),
    params={"window": 14, "smooth": 3, "signal": 3},
    unit="0 to 100",
    knowledge="indicators/stochastic-oscillator",
    family="momentum",
    source="G. Lane; TA-Lib STOCH",
)
def stochastic(
    high: Floats,
    low: Floats,
    close: Floats,
    *,
    window: int = 14,
    smooth: int = 3,
    signal: int = 3,
) -> tuple[Floats, Floats]:
    """Where the close stands in the window's range, 0 to 100, smoothed (%K), and its mean (%D).

    G. Lane. Both begin at bar ``window + smooth + signal - 3``; a range of zero counts as 0
    (TA-Lib's rule).
    """
    n, k, d = window_of(window), window_of(smooth, "smooth"), window_of(signal, "signal")
    slow_k, slow_d = by_stretch(
        lambda h, lo, c: talib.STOCH(h, lo, c, fastk_period=n, slowk_period=k, slowd_period=d),
        high,
        low,
        close,
        outputs=2,
    )
    return slow_k, slow_d
