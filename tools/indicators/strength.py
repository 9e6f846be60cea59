"""Is there a trend at all: measures beyond TA-Lib's.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``.
"""

from __future__ import annotations

import numpy as np

from tools.indicators.arrays import Floats, by_stretch, window_of
from tools.indicators.registry import register
from tools.indicators.rolling import highest, lagged, lowest, mean, total
from tools.indicators.smoothing import true_range
from tools.indicators.ta.table import bars

_KNOWLEDGE = "indicators/trend-strength"
_HLC = ("high", "low", "close")


@register(
    "choppiness", "Choppiness index", inputs=_HLC, outputs=("choppiness_{window}",), windows=(14,),
    unit="0 to 100", family="trend", knowledge=_KNOWLEDGE, source="E. W. Dreiss (1992)",
    memory=bars("window", 1),
)  # fmt: skip
def choppiness(high: Floats, low: Floats, close: Floats, window: int = 14) -> Floats:
    """100 log(sum of true ranges over the range of the window) / log(window); high is sideways."""
    n = window_of(window, least=2)

    def one(h: Floats, lo: Floats, c: Floats) -> Floats:
        way, span = total(true_range(h, lo, c), n), highest(h, n) - lowest(lo, n)
        index: Floats = 100 * np.log10(way / span) / np.log10(n)
        return index

    return by_stretch(one, high, low, close)[0]


@register(
    "random_walk_index", "Random walk index", inputs=_HLC,
    outputs=("random_walk_high", "random_walk_low"), params={"window": 14}, unit="ratio",
    family="trend", knowledge=_KNOWLEDGE, source="M. Poulos (1991)", memory=bars("window", 1),
)  # fmt: skip
def random_walk_index(
    high: Floats, low: Floats, close: Floats, window: int = 14
) -> tuple[Floats, Floats]:
    """The largest move up, and down, in units of what a random walk would have made.

    For each span of 2 to ``window - 1`` bars: high less the low that many bars before, over the
    mean true range of those bars times the root of their number.
    """
    n = window_of(window, least=3)

    def one(h: Floats, lo: Floats, c: Floats) -> tuple[Floats, Floats]:
        ranges, up, down = true_range(h, lo, c), np.full_like(c, -np.inf), np.full_like(c, -np.inf)
        for span in range(2, n):
            unit = mean(ranges, span) * np.sqrt(span)
            up = np.maximum(up, (h - lagged(lo, span)) / unit)
            down = np.maximum(down, (lagged(h, span) - lo) / unit)
        return up, down

    up, down = by_stretch(one, high, low, close, outputs=2)
    return up, down


@register(
    "trend_intensity", "Trend intensity index", outputs=("trend_intensity_{window}",),
    windows=(60,), unit="0 to 100", family="trend", knowledge=_KNOWLEDGE,
    source="M. H. Pee (2002)", memory=lambda p: p["window"] + p["window"] // 2,
)  # fmt: skip
def trend_intensity(close: Floats, window: int = 60) -> Floats:
    """Share of the distances above the mean in all distances from it, over half a window."""
    n = window_of(window, least=2)

    def one(x: Floats) -> Floats:
        apart = x - mean(x, n)
        above, all_ = total(np.maximum(apart, 0), n // 2), total(np.abs(apart), n // 2)
        return 100 * above / all_

    return by_stretch(one, close)[0]


@register(
    "setup_count", "Setup count", outputs=("setup_count",), params={"back": 4}, unit="bars",
    family="trend", knowledge=_KNOWLEDGE, source="T. DeMark (1994): the setup of his sequence",
)  # fmt: skip
def setup_count(close: Floats, back: int = 4) -> Floats:
    """How many closes in a row lie above (below zero: below) the close ``back`` bars before."""
    n = window_of(back, "back")

    def one(x: Floats) -> Floats:
        side = np.sign(x - lagged(x, n))[n:]
        count = np.full(x.size, np.nan)
        if side.size:
            count[n:] = _run(side)
        return count

    return by_stretch(one, close)[0]


def _run(side: Floats) -> Floats:
    """Length of the run of equal signs that ends here, with that sign; 0 where the sign is 0."""
    place = np.arange(side.size)
    starts = np.maximum.accumulate(np.where(np.diff(side, prepend=np.nan) != 0, place, 0))
    return side * (place - starts + 1)
