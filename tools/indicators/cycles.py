"""J. Ehlers' filters: what is left of the price without its short or its long waves.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``.
"""

from __future__ import annotations

import math

import numpy as np

from tools.indicators.arrays import Floats, by_stretch, number_of, window_of
from tools.indicators.registry import register
from tools.indicators.rolling import weighted

_KNOWLEDGE = "indicators/cycle-indicators"
_BELL = np.array([1, 2, 2, 1]) / 6


def _smooth(values: Floats, window: int) -> Floats:
    """The super smoother: two poles at the window's wavelength, started at the values."""
    from tools.indicators.kernels import second_order

    a = math.exp(-math.sqrt(2) * math.pi / window)
    b = 2 * a * math.cos(math.sqrt(2) * math.pi / window)
    gain = (1 - b + a * a) / 2
    return second_order(values, gain, gain, 0.0, b, -a * a, 1.0)


def _without_trend(values: Floats, weight: float) -> Floats:
    """A high-pass filter of two poles, started at 0."""
    from tools.indicators.kernels import second_order

    gain, keep = (1 - weight / 2) ** 2, 1 - weight
    return second_order(values, gain, -2 * gain, gain, 2 * keep, -keep * keep, 0.0)


@register(
    "super_smoother", "Super smoother", outputs=("super_smoother_{window}",), windows=(10,),
    family="cycles", knowledge=_KNOWLEDGE, source="J. Ehlers (2013)",
)  # fmt: skip
def super_smoother(close: Floats, window: int = 10) -> Floats:
    """The price without waves shorter than the window; the first two are the price itself."""
    n = window_of(window, least=2)
    return by_stretch(lambda x: _smooth(x, n), close)[0]


@register(
    "roofing", "Roofing filter", outputs=("roofing",), params={"longest": 48, "shortest": 10},
    family="cycles", knowledge=_KNOWLEDGE, source="J. Ehlers (2013)",
)  # fmt: skip
def roofing(close: Floats, longest: int = 48, shortest: int = 10) -> Floats:
    """The price's waves between two lengths, around zero; it starts at 0 and takes a while."""
    n, m = window_of(longest, "longest", 8), window_of(shortest, "shortest", 2)
    turn = math.sqrt(0.5) * 2 * math.pi / n
    weight = (math.cos(turn) + math.sin(turn) - 1) / math.cos(turn)
    return by_stretch(lambda x: _smooth(_without_trend(x, weight), m), close)[0]


@register(
    "decycler", "Decycler", outputs=("decycler_{window}",), windows=(60,), family="cycles",
    knowledge=_KNOWLEDGE, source="J. Ehlers (2015)",
)  # fmt: skip
def decycler(close: Floats, window: int = 60) -> Floats:
    """The price without waves shorter than the window, by one pole; quick to turn."""
    from tools.indicators.kernels import second_order

    turn = 2 * math.pi / window_of(window, least=5)
    weight = (math.cos(turn) + math.sin(turn) - 1) / math.cos(turn)
    return by_stretch(
        lambda x: second_order(x, weight / 2, weight / 2, 0.0, 1 - weight, 0.0, 1.0), close
    )[0]


@register(
    "cyber_cycle", "Cyber cycle", inputs=("high", "low"), outputs=("cyber_cycle",),
    params={"weight": 0.07}, family="cycles", knowledge=_KNOWLEDGE, source="J. Ehlers (2004)",
)  # fmt: skip
def cyber_cycle(high: Floats, low: Floats, weight: float = 0.07) -> Floats:
    """The cycle in the smoothed median price, around zero; NaN for the first 3, then from 0."""
    w = number_of(weight, "weight", 0.001, 1)

    def one(h: Floats, lo: Floats) -> Floats:
        result = np.full(h.size, np.nan)
        result[3:] = _without_trend(weighted((h + lo) / 2, _BELL)[3:], w)
        return result

    return by_stretch(one, high, low)[0]


@register(
    "laguerre_filter", "Laguerre filter", inputs=("high", "low"), outputs=("laguerre_filter",),
    params={"damping": 0.8}, family="cycles", knowledge=_KNOWLEDGE, source="J. Ehlers (2004)",
)  # fmt: skip
def laguerre_filter(high: Floats, low: Floats, damping: float = 0.8) -> Floats:
    """A weighted mean of four Laguerre lines of the median price, started at the first."""
    from tools.indicators.kernels import laguerre

    g = number_of(damping, "damping", 0, 0.99)

    def one(h: Floats, lo: Floats) -> Floats:
        first, second, third, fourth = laguerre((h + lo) / 2, g)
        return (first + 2 * second + 2 * third + fourth) / 6

    return by_stretch(one, high, low)[0]
