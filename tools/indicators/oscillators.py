"""Oscillators beyond TA-Lib's.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``.
"""

from __future__ import annotations

import numpy as np

from tools.indicators.arrays import Floats, by_stretch, window_of
from tools.indicators.momentum import rsi
from tools.indicators.registry import register
from tools.indicators.rolling import lagged, mean, total, weighted
from tools.indicators.smoothing import ema, true_range
from tools.indicators.ta.table import bars
from tools.indicators.ta_lib import talib

_KNOWLEDGE = "indicators/momentum-oscillators"
_RATES = ((10, 10, 1), (15, 10, 2), (20, 10, 3), (30, 15, 4))


@register(
    "kst", "Know sure thing", outputs=("kst", "kst_signal"), params={"signal": 9},
    unit="sum of per cents", family="momentum", knowledge=_KNOWLEDGE, source="M. Pring (1992)",
    memory=lambda params: 45 + params["signal"],
)  # fmt: skip
def kst(close: Floats, signal: int = 9) -> tuple[Floats, Floats]:
    """Smoothed rates of change of 10, 15, 20 and 30 bars with the weights 1 to 4, and its mean."""
    n = window_of(signal, "signal")

    def one(x: Floats) -> tuple[Floats, Floats]:
        parts = [k * mean(100 * (x / lagged(x, back) - 1), m) for back, m, k in _RATES]
        line = parts[0] + parts[1] + parts[2] + parts[3]
        return line, mean(line, n)

    line, smooth = by_stretch(one, close, outputs=2)
    return line, smooth


@register(
    "connors_rsi", "Connors RSI", outputs=("connors_rsi",),
    params={"window": 3, "streak": 2, "rank": 100}, unit="0 to 100", family="momentum",
    knowledge="indicators/relative-strength-index", source="L. Connors (2012)",
)  # fmt: skip
def connors_rsi(close: Floats, window: int = 3, streak: int = 2, rank: int = 100) -> Floats:
    """Mean of the RSI, the RSI of the streak of rises or falls, and the last return's rank."""
    from tools.indicators.kernels import streak as streaks

    n, m, r = window_of(window, least=2), window_of(streak, "streak", 2), window_of(rank, "rank", 2)

    def one(x: Floats) -> Floats:
        moves = x / lagged(x, 1) - 1
        place = by_stretch(lambda y: talib.PERCENTRANK(y, r), moves)[0]
        return (rsi(x, n) + rsi(streaks(x), m) + place) / 3

    return by_stretch(one, close)[0]


@register(
    "relative_vigor", "Relative vigor index", inputs=("open", "high", "low", "close"),
    outputs=("relative_vigor", "relative_vigor_signal"), params={"window": 10}, unit="-1 to 1",
    family="momentum", knowledge=_KNOWLEDGE, source="J. Ehlers (2002)", memory=bars("window", 6),
)  # fmt: skip
def relative_vigor(
    open: Floats,  # noqa: A002 - the price's name
    high: Floats, low: Floats, close: Floats, window: int = 10,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Smoothed close less open over smoothed high less low, and its own smoothing."""
    n, bell = window_of(window), np.array([1, 2, 2, 1]) / 6

    def one(o: Floats, h: Floats, lo: Floats, c: Floats) -> tuple[Floats, Floats]:
        line = total(weighted(c - o, bell), n) / total(weighted(h - lo, bell), n)
        return line, weighted(line, bell)

    line, signal = by_stretch(one, open, high, low, close, outputs=2)
    return line, signal


@register(
    "schaff", "Schaff trend cycle", outputs=("schaff",),
    params={"fast": 23, "slow": 50, "window": 10}, unit="0 to 100", family="momentum",
    knowledge="indicators/macd", source="D. Schaff (1999)",
)  # fmt: skip
def schaff(close: Floats, fast: int = 23, slow: int = 50, window: int = 10) -> Floats:
    """A stochastic of a stochastic of fast less slow EMA, each smoothed with weight 0.5."""
    from tools.indicators.kernels import smoothed_place

    f, s, n = window_of(fast, "fast"), window_of(slow, "slow"), window_of(window, least=2)
    return by_stretch(
        lambda x: smoothed_place(smoothed_place(ema(x, f) - ema(x, s), n, 0.5), n, 0.5), close
    )[0]


@register(
    "pretty_good", "Pretty good oscillator", inputs=("high", "low", "close"),
    outputs=("pretty_good_{window}",), windows=(14,), unit="average true ranges",
    family="momentum", knowledge=_KNOWLEDGE, source="M. Johnson",
)  # fmt: skip
def pretty_good(high: Floats, low: Floats, close: Floats, window: int = 14) -> Floats:
    """Distance of the close from its mean, in exponential averages of the true range."""
    n = window_of(window)
    return by_stretch(
        lambda h, lo, c: (c - mean(c, n)) / ema(true_range(h, lo, c), n), high, low, close
    )[0]


@register(
    "psychological_line", "Psychological line", outputs=("psychological_line_{window}",),
    windows=(12,), unit="0 to 100", family="momentum", knowledge=_KNOWLEDGE,
    source="share of rising bars", memory=bars("window", 1),
)  # fmt: skip
def psychological_line(close: Floats, window: int = 12) -> Floats:
    """Share of the window's bars whose close was above the one before, in per cent."""
    n = window_of(window)

    def one(x: Floats) -> Floats:
        before = lagged(x, 1)
        rose = np.where(np.isnan(before), np.nan, (x > before).astype(np.float64))
        return 100 * mean(rose, n)

    return by_stretch(one, close)[0]


@register(
    "disparity", "Disparity index", outputs=("disparity_{window}",), windows=(14,),
    unit="per cent", family="momentum", knowledge=_KNOWLEDGE, source="S. Nison (1994)",
    memory=bars("window"),
)  # fmt: skip
def disparity(close: Floats, window: int = 14) -> Floats:
    """Distance of the close from its simple mean, in per cent of the mean."""
    n = window_of(window)
    return by_stretch(lambda x: 100 * (x / mean(x, n) - 1), close)[0]
