"""How rough the path of the price is. Hurst's exponents are the indicators hurst and hurst_dfa.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``. On log prices,
so that the price's own unit drops out; a price not above zero makes its windows NaN.
"""

from __future__ import annotations

import numpy as np

from tools.features.registry import feature
from tools.features.windows import after, logs, moved, total
from tools.indicators.arrays import Floats, by_stretch, window_of
from tools.indicators.rolling import lagged
from tools.indicators.smoothing import log_returns


@feature(
    "higuchi", "Fractal dimension, Higuchi", family="fractal", outputs=("higuchi_{window}",),
    windows=(100,), unit="1 line, 2 noise", warm_up=after(), source="T. Higuchi (1988), k up to 8",
)  # fmt: skip
def higuchi(close: Floats, window: int = 100) -> Floats:
    """Slope of log length over log step, steps 1 to 8; about 1.5 for a random walk.

    NaN where nothing moved at some step.
    """
    from tools.features.roughness import higuchi as dimension

    n = window_of(window, least=20)
    return by_stretch(lambda x: dimension(log_returns(x), n), close)[0]


@feature(
    "katz", "Fractal dimension, Katz", family="fractal", outputs=("katz_{window}",), windows=(50,),
    unit="1 line, more is rougher", warm_up=after(), source="M. Katz (1988)",
)  # fmt: skip
def katz(close: Floats, window: int = 50) -> Floats:
    """ln n / (ln n + ln(d / L)): d the farthest that the log price got from the window's first,
    L the length of its way, n the number of steps. NaN where nothing moved.
    """
    n = window_of(window, least=2)

    def one(x: Floats) -> Floats:
        price = logs(x)
        first, farthest = lagged(price, n), np.zeros(x.size)
        for back in range(n):
            farthest = np.maximum(farthest, np.abs(lagged(price, back) - first))
        way = moved(total(np.abs(log_returns(x)), n), np.maximum(np.abs(price), 1))
        dimension: Floats = np.log(n) / (np.log(n) + np.log(farthest / way))
        return dimension

    return by_stretch(one, close)[0]


@feature(
    "roughness", "Fractal dimension from Hurst's exponent", family="fractal",
    outputs=("roughness_{window}",), windows=(128,), unit="1 line, 2 noise", warm_up=after(),
    source="2 less the rescaled-range exponent; B. Mandelbrot and J. Van Ness (1968)",
)  # fmt: skip
def roughness(close: Floats, window: int = 128) -> Floats:
    """About 1.5 for a random walk, by the indicator hurst."""
    from tools.indicators.persistence import hurst

    return 2 - hurst(close, window=window)
