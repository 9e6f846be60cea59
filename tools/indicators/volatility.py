"""How much prices move.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``.
"""

from __future__ import annotations

from tools.indicators.arrays import Floats, by_stretch, number_of, window_of
from tools.indicators.registry import register
from tools.indicators.ta_lib import talib


@register(
    "atr",
    "Average true range",
    inputs=("high", "low", "close"),
    outputs=("atr_{window}",),
    windows=(14,),
    knowledge="indicators/average-true-range",
    family="volatility",
    source="J. W. Wilder (1978); TA-Lib ATR",
)
def atr(high: Floats, low: Floats, close: Floats, window: int = 14) -> Floats:
    """Wilder's average of the true range, in the price's unit; NaN for the first ``window``.

    The true range of a bar is the largest of high - low, |high - close before| and
    |low - close before|. J. W. Wilder (1978): seeded with the mean of the first ``window`` ranges
    (the first bar has none), then weight ``1 / window``.
    """
    n = window_of(window)
    return by_stretch(lambda h, lo, c: talib.ATR(h, lo, c, n), high, low, close)[0]


@register(
    "bollinger",
    "Bollinger bands",
    outputs=("bb_upper", "bb_middle", "bb_lower"),
    params={"window": 20, "deviations": 2.0},
    knowledge="indicators/bollinger-bands",
    family="bands",
    source="J. Bollinger (2001), population form; TA-Lib BBANDS",
)
def bollinger(
    close: Floats, window: int = 20, deviations: float = 2.0
) -> tuple[Floats, Floats, Floats]:
    """Upper band, mean and lower band, in the price's unit; NaN for the first window - 1.

    J. Bollinger: the simple mean plus and minus ``deviations`` population standard deviations
    (divisor ``window``). Raises InputError unless 0.01 <= deviations <= 10.
    """
    n = window_of(window, least=2)
    k = number_of(deviations, "deviations", 0.01, 10)
    upper, middle, lower = by_stretch(lambda x: talib.BBANDS(x, n, k, k), close, outputs=3)
    return upper, middle, lower
