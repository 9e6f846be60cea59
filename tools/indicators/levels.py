"""How far the price is from marks that people watch.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``.
"""

from __future__ import annotations

from tools.indicators.arrays import Floats, by_stretch, window_of
from tools.indicators.registry import register
from tools.indicators.rolling import highest, lagged, lowest
from tools.indicators.ta.table import bars, last

_YEAR = 252


@register(
    "high_distance", "Distance from the year's high", inputs=("high", "close"),
    outputs=("high_distance_{window}",), windows=(_YEAR,), unit="fraction", family="levels",
    knowledge="patterns/support-and-resistance", memory=bars("window"),
    source="T. George and C. Hwang (2004): nearness to the 52-week high",
)  # fmt: skip
def high_distance(high: Floats, close: Floats, window: int = _YEAR) -> Floats:
    """Close over the window's highest high, less one: 0 at the high, -0.1 ten per cent below."""
    n = window_of(window)
    return by_stretch(lambda h, c: c / highest(h, n) - 1, high, close)[0]


@register(
    "low_distance", "Distance from the year's low", inputs=("low", "close"),
    outputs=("low_distance_{window}",), windows=(_YEAR,), unit="fraction", family="levels",
    knowledge="patterns/support-and-resistance", source="close over the lowest low, less one",
    memory=bars("window"),
)  # fmt: skip
def low_distance(low: Floats, close: Floats, window: int = _YEAR) -> Floats:
    """Close over the window's lowest low, less one."""
    n = window_of(window)
    return by_stretch(lambda lo, c: c / lowest(lo, n) - 1, low, close)[0]


@register(
    "drawdown", "Drawdown", outputs=("drawdown_{window}",), windows=(_YEAR,), unit="fraction",
    family="levels", knowledge="risk/drawdown", source="close over the highest close, less one",
    memory=bars("window"),
)  # fmt: skip
def drawdown(close: Floats, window: int = _YEAR) -> Floats:
    """Close over the window's highest close, less one: never above 0."""
    n = window_of(window)
    return by_stretch(lambda c: c / highest(c, n) - 1, close)[0]


@register(
    "opening_gap", "Opening gap", inputs=("open", "close"), outputs=("opening_gap",),
    unit="fraction", family="levels", knowledge="patterns/price-gaps",
    source="open over the close before, less one", memory=last(2),
)  # fmt: skip
def opening_gap(open: Floats, close: Floats) -> Floats:  # noqa: A002 - the price's name
    """The open over the close before, less one."""
    return by_stretch(lambda o, c: o / lagged(c, 1) - 1, open, close)[0]
