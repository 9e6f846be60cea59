"""Oscillators by J. Ehlers.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from tools.indicators.arrays import Floats, by_stretch, number_of, window_of
from tools.indicators.registry import register
from tools.indicators.rolling import highest, lagged, lowest, total, weighted
from tools.indicators.ta.table import bars

_KNOWLEDGE = "indicators/cycle-indicators"


@register(
    "fisher", "Fisher transform", inputs=("high", "low"), outputs=("fisher", "fisher_signal"),
    params={"window": 10}, unit="standard units", family="cycles", knowledge=_KNOWLEDGE,
    source="J. Ehlers (2002)",
)  # fmt: skip
def fisher(high: Floats, low: Floats, window: int = 10) -> tuple[Floats, Floats]:
    """The median price's place in its range, made nearly normal; the signal is one bar older.

    A range of zero counts as the middle.
    """
    from tools.indicators.kernels import fisher as transform

    n = window_of(window, least=2)

    def one(h: Floats, lo: Floats) -> tuple[Floats, Floats]:
        middle = (h + lo) / 2
        bottom, top = lowest(middle, n), highest(middle, n)
        line = transform(np.where(top == bottom, 0.5, (middle - bottom) / (top - bottom)))
        return line, lagged(line, 1)

    line, before = by_stretch(one, high, low, outputs=2)
    return line, before


@register(
    "laguerre_rsi", "Laguerre RSI", outputs=("laguerre_rsi",), params={"damping": 0.5},
    unit="0 to 1", family="cycles", knowledge=_KNOWLEDGE, source="J. Ehlers (2004)",
)  # fmt: skip
def laguerre_rsi(close: Floats, damping: float = 0.5) -> Floats:
    """Share of rises among the steps between the lines of a Laguerre filter; 0.5 without steps."""
    from tools.indicators.kernels import laguerre

    g = number_of(damping, "damping", 0, 0.99)

    def one(x: Floats) -> Floats:
        lines = laguerre(x, g)
        steps = [newer - older for newer, older in pairwise(lines)]
        up = sum((np.maximum(step, 0) for step in steps), np.zeros(x.size))
        all_ = sum((np.abs(step) for step in steps), np.zeros(x.size))
        return np.where(all_ == 0, 0.5, up / all_)

    return by_stretch(one, close)[0]


@register(
    "centre_of_gravity", "Centre of gravity", inputs=("high", "low"),
    outputs=("centre_of_gravity_{window}",), windows=(10,), unit="bars", family="cycles",
    knowledge=_KNOWLEDGE, source="J. Ehlers (2002)", memory=bars("window"),
)  # fmt: skip
def centre_of_gravity(high: Floats, low: Floats, window: int = 10) -> Floats:
    """Where the weight of the window's median prices lies, in bars from its middle."""
    n = window_of(window, least=2)
    places = np.arange(n, dtype=np.float64) - (n - 1) / 2
    return by_stretch(
        lambda h, lo: weighted((h + lo) / 2, places) / total((h + lo) / 2, n), high, low
    )[0]
