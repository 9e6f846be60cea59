"""How easily a thing is traded, from daily bars.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``.
"""

from __future__ import annotations

import numpy as np

from tools.indicators.arrays import Floats, by_stretch, window_of
from tools.indicators.registry import register
from tools.indicators.rolling import lagged, mean, total
from tools.indicators.ta.table import bars

_KNOWLEDGE = "indicators/liquidity-measures"
_CV = ("close", "volume")


@register(
    "amihud", "Amihud illiquidity", inputs=_CV, outputs=("amihud_{window}",), windows=(21,),
    unit="return per million traded", family="liquidity", knowledge=_KNOWLEDGE,
    source="Y. Amihud (2002)", memory=bars("window", 1),
)  # fmt: skip
def amihud(close: Floats, volume: Floats, window: int = 21) -> Floats:
    """Mean of the size of the return over a million of currency traded.

    Bars without volume, or at a price of zero, are left out; NaN where no bar is left.
    """
    n = window_of(window)

    def one(c: Floats, v: Floats) -> Floats:
        impact = 1e6 * np.abs(c / lagged(c, 1) - 1) / np.abs(c * v)
        counts = np.isfinite(impact)
        known = np.where(np.isnan(lagged(c, 1)), np.nan, 0.0)
        return total(np.where(counts, impact, known), n) / total(counts.astype(np.float64), n)

    return by_stretch(one, close, volume)[0]


@register(
    "dollar_volume", "Value traded", inputs=_CV, outputs=("dollar_volume_{window}",),
    windows=(21,), unit="currency a bar", family="liquidity", knowledge=_KNOWLEDGE,
    source="mean of close times volume", memory=bars("window"),
)  # fmt: skip
def dollar_volume(close: Floats, volume: Floats, window: int = 21) -> Floats:
    """Mean of close times volume, in the price's currency."""
    n = window_of(window)
    return by_stretch(lambda c, v: mean(c * v, n), close, volume)[0]


@register(
    "zero_returns", "Share of unchanged closes", outputs=("zero_returns_{window}",),
    windows=(21,), unit="fraction", family="liquidity", knowledge=_KNOWLEDGE,
    source="D. Lesmond, J. Ogden and C. Trzcinka (1999)", memory=bars("window", 1),
)  # fmt: skip
def zero_returns(close: Floats, window: int = 21) -> Floats:
    """Share of the window's bars whose close is the close before."""
    n = window_of(window)

    def one(x: Floats) -> Floats:
        before = lagged(x, 1)
        return mean(np.where(np.isnan(before), np.nan, (x == before).astype(np.float64)), n)

    return by_stretch(one, close)[0]
