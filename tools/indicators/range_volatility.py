"""Volatility from open, high, low and close: more from a bar than its close alone tells.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``. Each value is
a fraction a year with ``year`` bars in it. A price not above zero has no logarithm: its windows are
NaN.
"""

from __future__ import annotations

import math

import numpy as np

from tools.indicators.arrays import Floats, by_stretch, number_of, window_of
from tools.indicators.registry import register
from tools.indicators.rolling import deviation, lagged, mean
from tools.indicators.smoothing import positive
from tools.indicators.ta.table import bars

YEAR = 252
_KNOWLEDGE = "indicators/range-volatility"
_OHLC = ("open", "high", "low", "close")
_PARAMS = {"window": 20, "year": YEAR}
_UNIT = "fraction a year"


def yearly(variance: Floats, year: float) -> Floats:
    """Volatility a year from the variance of a bar."""
    result: Floats = np.sqrt(variance * number_of(year, "year", 1, 1e6))
    return result


def _logs(*prices: Floats) -> tuple[Floats, ...]:
    return tuple(np.log(positive(price)) for price in prices)


@register(
    "parkinson", "Parkinson volatility", inputs=("high", "low"), outputs=("parkinson",),
    params=_PARAMS, unit=_UNIT, family="volatility", knowledge=_KNOWLEDGE,
    source="M. Parkinson (1980)", memory=bars("window"),
)  # fmt: skip
def parkinson(high: Floats, low: Floats, window: int = 20, year: int = YEAR) -> Floats:
    """From the range alone: mean of ln(H/L) squared, over 4 ln 2."""
    n = window_of(window)

    def one(h: Floats, lo: Floats) -> Floats:
        top, bottom = _logs(h, lo)
        return yearly(mean((top - bottom) ** 2, n) / (4 * math.log(2)), year)

    return by_stretch(one, high, low)[0]


@register(
    "garman_klass", "Garman-Klass volatility", inputs=_OHLC, outputs=("garman_klass",),
    params=_PARAMS, unit=_UNIT, family="volatility", knowledge=_KNOWLEDGE,
    source="M. Garman and M. Klass (1980)", memory=bars("window"),
)  # fmt: skip
def garman_klass(
    open: Floats,  # noqa: A002 - the price's name
    high: Floats, low: Floats, close: Floats, window: int = 20, year: int = YEAR,
) -> Floats:  # fmt: skip
    """Mean of ln(H/L) squared / 2 less (2 ln 2 - 1) ln(C/O) squared; no drift, no gaps assumed."""
    n = window_of(window)

    def one(*prices: Floats) -> Floats:
        o, h, lo, c = _logs(*prices)
        return yearly(mean(0.5 * (h - lo) ** 2 - (2 * math.log(2) - 1) * (c - o) ** 2, n), year)

    return by_stretch(one, open, high, low, close)[0]


def _rogers_satchell(o: Floats, h: Floats, lo: Floats, c: Floats) -> Floats:
    """One bar's variance, from logarithms of its prices."""
    return (h - c) * (h - o) + (lo - c) * (lo - o)


@register(
    "rogers_satchell", "Rogers-Satchell volatility", inputs=_OHLC, outputs=("rogers_satchell",),
    params=_PARAMS, unit=_UNIT, family="volatility", knowledge=_KNOWLEDGE,
    source="L. Rogers and S. Satchell (1991)", memory=bars("window"),
)  # fmt: skip
def rogers_satchell(
    open: Floats,  # noqa: A002 - the price's name
    high: Floats, low: Floats, close: Floats, window: int = 20, year: int = YEAR,
) -> Floats:  # fmt: skip
    """Mean of ln(H/C) ln(H/O) + ln(L/C) ln(L/O): right whatever the drift."""
    n = window_of(window)
    return by_stretch(
        lambda *prices: yearly(mean(_rogers_satchell(*_logs(*prices)), n), year),
        open, high, low, close,
    )[0]  # fmt: skip


@register(
    "yang_zhang", "Yang-Zhang volatility", inputs=_OHLC, outputs=("yang_zhang",), params=_PARAMS,
    unit=_UNIT, family="volatility", knowledge=_KNOWLEDGE, source="D. Yang and Q. Zhang (2000)",
    memory=bars("window", 1),
)  # fmt: skip
def yang_zhang(
    open: Floats,  # noqa: A002 - the price's name
    high: Floats, low: Floats, close: Floats, window: int = 20, year: int = YEAR,
) -> Floats:  # fmt: skip
    """Variance of the opening gaps, and a mix of open-to-close and Rogers-Satchell variance."""
    n = window_of(window, least=2)
    k = 0.34 / (1.34 + (n + 1) / (n - 1))

    def one(*prices: Floats) -> Floats:
        o, h, lo, c = _logs(*prices)
        night, day = deviation(o - lagged(c, 1), n, 1) ** 2, deviation(c - o, n, 1) ** 2
        return yearly(night + k * day + (1 - k) * mean(_rogers_satchell(o, h, lo, c), n), year)

    return by_stretch(one, open, high, low, close)[0]
