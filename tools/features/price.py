"""Returns, gaps, ranges and shapes of bars, as fractions or logarithms of the price.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``. A price not
above zero has no logarithm: its windows are NaN.
"""

from __future__ import annotations

import numpy as np

from tools.features.registry import feature
from tools.features.windows import after, at, logs, over
from tools.indicators.arrays import Floats, by_stretch, window_of
from tools.indicators.rolling import highest, lagged, lowest

_OHLC = ("open", "high", "low", "close")
_HLC = ("high", "low", "close")
_OPEN_TO = "logarithm of one price of the bar over another"


@feature(
    "log_move", "Log return", family="price", outputs=("log_move_{window}",),
    windows=(1, 2, 3, 5, 10, 21, 63, 126, 252), unit="logarithm", warm_up=after(),
    source="logarithm of the close over that of so many bars before",
)  # fmt: skip
def log_move(close: Floats, window: int = 1) -> Floats:
    """NaN for the first ``window`` bars."""
    n = window_of(window)
    return by_stretch(lambda x: logs(x) - lagged(logs(x), n), close)[0]


@feature(
    "gap", "Opening gap", family="price", inputs=("open", "close"), outputs=("gap",),
    unit="logarithm", warm_up=at(1), source="logarithm of the open over the close before",
)  # fmt: skip
def gap(open: Floats, close: Floats) -> Floats:  # noqa: A002 - the price's name
    """NaN for the first bar."""
    return by_stretch(lambda o, c: logs(o) - lagged(logs(c), 1), open, close)[0]


@feature(
    "body", "Body of the bar", family="price", inputs=_OHLC,
    outputs=("body", "span", "upper_wick", "lower_wick"), unit="logarithm", warm_up=at(0),
    source=_OPEN_TO,
)  # fmt: skip
def body(
    open: Floats,  # noqa: A002 - the price's name
    high: Floats, low: Floats, close: Floats,
) -> tuple[Floats, ...]:  # fmt: skip
    """Close over open, high over low, high over the body, and the body over the low."""

    def one(*prices: Floats) -> tuple[Floats, ...]:
        o, h, lo, c = (logs(x) for x in prices)
        return c - o, h - lo, h - np.maximum(o, c), np.minimum(o, c) - lo

    return by_stretch(one, open, high, low, close, outputs=4)


@feature(
    "close_place", "Place of the close in the bar", family="price", inputs=_HLC,
    outputs=("close_place",), unit="0 low, 1 high", warm_up=at(0),
    source="(close - low) / (high - low)",
)  # fmt: skip
def close_place(high: Floats, low: Floats, close: Floats) -> Floats:
    """NaN for a bar without a range."""
    return by_stretch(lambda h, lo, c: over(c - lo, h - lo), high, low, close)[0]


@feature(
    "range_place", "Place of the close in the window's range", family="price", inputs=_HLC,
    outputs=("range_place_{window}",), windows=(5, 20, 60, 252), unit="0 low, 1 high",
    warm_up=after(-1), source="G. Lane's stochastic, without smoothing",
)  # fmt: skip
def range_place(high: Floats, low: Floats, close: Floats, window: int = 20) -> Floats:
    """NaN where the window has no range."""
    n = window_of(window)

    def one(h: Floats, lo: Floats, c: Floats) -> Floats:
        bottom = lowest(lo, n)
        return over(c - bottom, highest(h, n) - bottom)

    return by_stretch(one, high, low, close)[0]


@feature(
    "window_span", "Range of the window", family="price", inputs=("high", "low"),
    outputs=("window_span_{window}",), windows=(5, 20, 60), unit="logarithm", warm_up=after(-1),
    source="logarithm of the highest high over the lowest low",
)  # fmt: skip
def window_span(high: Floats, low: Floats, window: int = 20) -> Floats:
    """How far the window reaches."""
    n = window_of(window)
    return by_stretch(lambda h, lo: highest(logs(h), n) - lowest(logs(lo), n), high, low)[0]


@feature(
    "below_high", "Distance below the window's highest close", family="price",
    outputs=("below_high_{window}",), windows=(20, 60, 252), unit="logarithm, 0 or below",
    warm_up=after(-1), source="logarithm of the close over the window's highest; drawdown",
)  # fmt: skip
def below_high(close: Floats, window: int = 252) -> Floats:
    """Zero at a new high."""
    n = window_of(window)
    return by_stretch(lambda x: logs(x) - highest(logs(x), n), close)[0]


@feature(
    "above_low", "Distance above the window's lowest close", family="price",
    outputs=("above_low_{window}",), windows=(20, 60, 252), unit="logarithm, 0 or above",
    warm_up=after(-1), source="logarithm of the close over the window's lowest",
)  # fmt: skip
def above_low(close: Floats, window: int = 252) -> Floats:
    """Zero at a new low."""
    n = window_of(window)
    return by_stretch(lambda x: logs(x) - lowest(logs(x), n), close)[0]
