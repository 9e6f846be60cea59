"""Bands, channels and exits beyond TA-Lib's.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``.
"""

from __future__ import annotations

import numpy as np

from tools.indicators.arrays import Floats, by_stretch, number_of, window_of
from tools.indicators.registry import register
from tools.indicators.rolling import deviation, highest, lowest, mean, moment, slope
from tools.indicators.smoothing import true_range
from tools.indicators.ta.table import bars
from tools.indicators.ta_lib import talib

_KNOWLEDGE = "indicators/price-channels"
_BOLLINGER = "indicators/bollinger-bands"
_HLC = ("high", "low", "close")
Three = tuple[Floats, Floats, Floats]


@register(
    "bollinger_place", "Bollinger %b", outputs=("bb_percent_b",), family="bands",
    params={"window": 20, "deviations": 2.0}, unit="0 lower band, 1 upper band",
    knowledge=_BOLLINGER, source="J. Bollinger (2001)", memory=bars("window"),
)  # fmt: skip
def bollinger_place(close: Floats, window: int = 20, deviations: float = 2.0) -> Floats:
    """Where the close stands between the bands; NaN where the window never moved."""
    n, k = window_of(window, least=2), number_of(deviations, "deviations", 0.01, 10)
    return by_stretch(
        lambda x: (x - mean(x, n)) / (2 * k * _moved(deviation(x, n))) + 0.5, close
    )[0]  # fmt: skip


def _moved(spread: Floats) -> Floats:
    return np.where(spread > 0, spread, np.nan)


@register(
    "bollinger_width", "Bollinger band width", outputs=("bb_width",), family="bands",
    params={"window": 20, "deviations": 2.0}, unit="fraction of the mean", knowledge=_BOLLINGER,
    source="J. Bollinger (2001)", memory=bars("window"),
)  # fmt: skip
def bollinger_width(close: Floats, window: int = 20, deviations: float = 2.0) -> Floats:
    """Upper less lower band over the mean."""
    n, k = window_of(window, least=2), number_of(deviations, "deviations", 0.01, 10)
    return by_stretch(lambda x: 2 * k * deviation(x, n) / mean(x, n), close)[0]


@register(
    "envelope", "Moving average envelope", family="bands",
    outputs=("envelope_upper", "envelope_middle", "envelope_lower"),
    params={"window": 20, "share": 0.025}, knowledge=_KNOWLEDGE,
    source="the simple mean plus and minus a share of it", memory=bars("window"),
)  # fmt: skip
def envelope(close: Floats, window: int = 20, share: float = 0.025) -> Three:
    """The mean times ``1 + share``, the mean, and the mean times ``1 - share``."""
    n, part = window_of(window), number_of(share, "share", 0, 1)
    middle = by_stretch(lambda x: mean(x, n), close)[0]
    return middle * (1 + part), middle, middle * (1 - part)


@register(
    "starc", "Stoller average range channel", inputs=_HLC, family="bands",
    outputs=("starc_upper", "starc_middle", "starc_lower"),
    params={"window": 6, "atr_window": 15, "multiple": 2.0}, knowledge=_KNOWLEDGE,
    source="M. Stoller",
)  # fmt: skip
def starc(
    high: Floats, low: Floats, close: Floats, window: int = 6, atr_window: int = 15,
    multiple: float = 2.0,
) -> Three:  # fmt: skip
    """The simple mean plus and minus a multiple of Wilder's average true range."""
    n, m = window_of(window), window_of(atr_window, "atr_window")
    k = number_of(multiple, "multiple", 0, 100)

    def one(h: Floats, lo: Floats, c: Floats) -> Three:
        middle, wide = mean(c, n), k * talib.ATR(h, lo, c, m)
        return middle + wide, middle, middle - wide

    upper, middle, lower = by_stretch(one, high, low, close, outputs=3)
    return upper, middle, lower


@register(
    "regression_channel", "Linear regression channel", family="bands",
    outputs=("channel_upper", "channel_middle", "channel_lower"),
    params={"window": 50, "deviations": 2.0}, knowledge="indicators/regression-and-z-score",
    source="least squares; width from the scatter around the line, divisor window",
    memory=bars("window"),
)  # fmt: skip
def regression_channel(close: Floats, window: int = 50, deviations: float = 2.0) -> Three:
    """End of the regression line through the window, plus and minus its residual deviation."""
    n, k = window_of(window, least=3), number_of(deviations, "deviations", 0.01, 10)

    def one(x: Floats) -> Three:
        steep = slope(x, n)
        end = mean(x, n) + steep * (n - 1) / 2
        left = moment(x, n, 2) - steep * steep * (n * n - 1) / 12
        wide = k * np.sqrt(np.maximum(left, 0))
        return end + wide, end, end - wide

    upper, middle, lower = by_stretch(one, close, outputs=3)
    return upper, middle, lower


@register(
    "chandelier", "Chandelier exit", inputs=_HLC, outputs=("chandelier_long", "chandelier_short"),
    params={"window": 22, "multiple": 3.0}, family="bands", knowledge=_KNOWLEDGE,
    source="C. Le Beau, told by A. Elder (2002)",
)  # fmt: skip
def chandelier(
    high: Floats, low: Floats, close: Floats, window: int = 22, multiple: float = 3.0
) -> tuple[Floats, Floats]:
    """Highest high less a multiple of the ATR, and lowest low plus it: stops for long and short."""
    n, k = window_of(window), number_of(multiple, "multiple", 0, 100)

    def one(h: Floats, lo: Floats, c: Floats) -> tuple[Floats, Floats]:
        wide = k * talib.ATR(h, lo, c, n)
        return highest(h, n) - wide, lowest(lo, n) + wide

    long, short = by_stretch(one, high, low, close, outputs=2)
    return long, short


@register(
    "squeeze", "Squeeze", inputs=_HLC, outputs=("squeeze_on", "squeeze_momentum"),
    params={"window": 20, "deviations": 2.0, "multiple": 1.5}, family="bands",
    unit="1 or 0; price", knowledge=_BOLLINGER, source="J. Carter (2005)",
    memory=lambda params: 2 * params["window"],
)  # fmt: skip
def squeeze(
    high: Floats, low: Floats, close: Floats, window: int = 20, deviations: float = 2.0,
    multiple: float = 1.5,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Whether Bollinger's bands lie inside Keltner's (mean true range), and which way it leans.

    The second is the regression end point of close less the middle of range and mean.
    """
    n = window_of(window, least=2)
    k, m = number_of(deviations, "deviations", 0.01, 10), number_of(multiple, "multiple", 0.01, 100)

    def one(h: Floats, lo: Floats, c: Floats) -> tuple[Floats, Floats]:
        wide = m * mean(true_range(h, lo, c), n)
        narrow = k * deviation(c, n)
        on = np.where(np.isnan(wide + narrow), np.nan, (narrow < wide).astype(np.float64))
        leaning = c - ((highest(h, n) + lowest(lo, n)) / 2 + mean(c, n)) / 2
        return on, mean(leaning, n) + slope(leaning, n) * (n - 1) / 2

    on, leaning = by_stretch(one, high, low, close, outputs=2)
    return on, leaning
