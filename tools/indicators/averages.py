"""Moving averages beyond TA-Lib's.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``.
"""

from __future__ import annotations

import numpy as np

from tools.indicators.arrays import Floats, by_stretch, number_of, window_of
from tools.indicators.registry import register
from tools.indicators.rolling import highest, lagged, lowest, total, weighted
from tools.indicators.smoothing import wilder
from tools.indicators.ta.table import bars
from tools.indicators.ta_lib import talib

_KNOWLEDGE = "indicators/other-moving-averages"


@register(
    "alma", "Arnaud Legoux moving average", outputs=("alma",),
    params={"window": 9, "offset": 0.85, "sigma": 6.0}, family="averages", knowledge=_KNOWLEDGE,
    source="A. Legoux and D. Kouzis-Loukas (2009)", memory=bars("window"),
)  # fmt: skip
def alma(close: Floats, window: int = 9, offset: float = 0.85, sigma: float = 6.0) -> Floats:
    """Mean with a bell curve of weights whose middle lies at ``offset`` of the window."""
    n = window_of(window)
    middle = number_of(offset, "offset", 0, 1) * (n - 1)
    width = n / number_of(sigma, "sigma", 0.1, 100)
    weights = np.exp(-((np.arange(n) - middle) ** 2) / (2 * width * width))
    return by_stretch(lambda x: weighted(x, weights / weights.sum()), close)[0]


@register(
    "sine_average", "Sine-weighted moving average", outputs=("sine_average_{window}",),
    windows=(14,), family="averages", knowledge=_KNOWLEDGE, source="weights from half a sine wave",
    memory=bars("window"),
)  # fmt: skip
def sine_average(close: Floats, window: int = 14) -> Floats:
    """Mean with the weights of half a sine wave: the middle of the window counts most."""
    n = window_of(window)
    weights = np.sin(np.pi * np.arange(1, n + 1) / (n + 1))
    return by_stretch(lambda x: weighted(x, weights / weights.sum()), close)[0]


@register(
    "mcginley", "McGinley dynamic", outputs=("mcginley_{window}",), windows=(14,),
    family="averages", knowledge=_KNOWLEDGE, source="J. McGinley (1990), with the constant 0.6",
)  # fmt: skip
def mcginley(close: Floats, window: int = 14) -> Floats:
    """A line that follows faster the further the price falls below it; starts at the first close.

    Where its step isn't above zero (a price of 0) it is set to the price.
    """
    from tools.indicators.kernels import mcginley as line

    n = window_of(window)
    return by_stretch(lambda x: line(x, n, 0.6), close)[0]


@register(
    "vidya", "Variable index dynamic average", outputs=("vidya_{window}",), windows=(14,),
    family="averages", knowledge=_KNOWLEDGE,
    source="T. Chande (1992): the EMA's weight times the size of the momentum oscillator",
)  # fmt: skip
def vidya(close: Floats, window: int = 14) -> Floats:
    """An EMA whose weight is scaled by the unsmoothed Chande oscillator over the same window."""
    from tools.indicators.kernels import adaptive

    n = window_of(window, least=2)
    return by_stretch(
        lambda x: adaptive(x, 2 / (n + 1) * np.abs(talib.CMOU(x, n)) / 100), close
    )[0]  # fmt: skip


@register(
    "frama", "Fractal adaptive moving average", inputs=("high", "low"), outputs=("frama_{window}",),
    windows=(16,), family="averages", knowledge=_KNOWLEDGE, source="J. Ehlers (2005)",
)  # fmt: skip
def frama(high: Floats, low: Floats, window: int = 16) -> Floats:
    """Average of the median price, its weight from the fractal dimension of the window's range.

    The window is halved, so an odd one counts as the even one below. A range of zero counts as a
    straight line.
    """
    from tools.indicators.kernels import adaptive

    half = window_of(window, least=4) // 2

    def one(h: Floats, lo: Floats) -> Floats:
        late = (highest(h, half) - lowest(lo, half)) / half
        whole = (highest(h, 2 * half) - lowest(lo, 2 * half)) / (2 * half)
        dimension = np.log2((late + lagged(late, half)) / whole)
        weights = np.clip(np.exp(-4.6 * (dimension - 1)), 0.01, 1)
        return adaptive((h + lo) / 2, np.where(whole == 0, 1.0, weights))

    return by_stretch(one, high, low)[0]


@register(
    "elastic_average", "Elastic volume-weighted average", inputs=("close", "volume"),
    outputs=("elastic_average_{window}",), windows=(30,), family="averages",
    knowledge=_KNOWLEDGE, source="C. Fries (2001)",
)  # fmt: skip
def elastic_average(close: Floats, volume: Floats, window: int = 30) -> Floats:
    """An average whose weight is the bar's share in the window's volume, 0 where there is none."""
    from tools.indicators.kernels import adaptive

    n = window_of(window)

    def one(c: Floats, v: Floats) -> Floats:
        traded = total(v, n)
        return adaptive(c, np.where(traded == 0, 0.0, v / traded))

    return by_stretch(one, close, volume)[0]


@register(
    "alligator", "Alligator", inputs=("high", "low"),
    outputs=("alligator_jaw", "alligator_teeth", "alligator_lips"), family="averages",
    knowledge=_KNOWLEDGE, source="B. Williams (1995)",
)  # fmt: skip
def alligator(high: Floats, low: Floats) -> tuple[Floats, Floats, Floats]:
    """Wilder averages of the median price over 13, 8 and 5 bars, drawn 8, 5 and 3 bars later.

    A drawn value is older than its bar, so nothing is read ahead.
    """
    jaw, teeth, lips = by_stretch(
        lambda h, lo: tuple(
            lagged(wilder((h + lo) / 2, n), later) for n, later in ((13, 8), (8, 5), (5, 3))
        ),
        high, low, outputs=3,
    )  # fmt: skip
    return jaw, teeth, lips
