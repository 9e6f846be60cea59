"""The bid-ask spread as a fraction of the price, guessed from daily bars alone.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``. A price not
above zero has no logarithm: its windows are NaN. A negative guess counts as 0, as is usual.
"""

from __future__ import annotations

import numpy as np

from tools.indicators.arrays import Floats, by_stretch, window_of
from tools.indicators.registry import register
from tools.indicators.rolling import lagged, mean
from tools.indicators.smoothing import log_returns, positive
from tools.indicators.ta.table import bars

_KNOWLEDGE = "indicators/liquidity-measures"
_HLC = ("high", "low", "close")
_ROOT = 3 - 2 * np.sqrt(2)


@register(
    "roll_spread", "Roll's spread", outputs=("roll_spread_{window}",), windows=(21,),
    unit="fraction", family="liquidity", knowledge=_KNOWLEDGE, source="R. Roll (1984)",
    memory=bars("window", 2),
)  # fmt: skip
def roll_spread(close: Floats, window: int = 21) -> Floats:
    """Twice the root of minus the covariance of each log return with the one before."""
    n = window_of(window, least=2)

    def one(x: Floats) -> Floats:
        moves = log_returns(x)
        before = lagged(moves, 1)
        paired = np.where(np.isnan(before), np.nan, moves)
        together = mean(paired * before, n) - mean(paired, n) * mean(before, n)
        spread: Floats = 2 * np.sqrt(np.maximum(-together, 0))
        return spread

    return by_stretch(one, close)[0]


@register(
    "corwin_schultz", "Corwin-Schultz spread", inputs=_HLC, outputs=("corwin_schultz_{window}",),
    windows=(21,), unit="fraction", family="liquidity", knowledge=_KNOWLEDGE,
    source="S. Corwin and P. Schultz (2012), with their correction for opening gaps",
    memory=bars("window", 1),
)  # fmt: skip
def corwin_schultz(high: Floats, low: Floats, close: Floats, window: int = 21) -> Floats:
    """Mean of the spreads that two days' ranges, alone and together, give.

    A day that opened away from the close before is first moved back to it.
    """
    n = window_of(window)

    def one(h: Floats, lo: Floats, c: Floats) -> Floats:
        top, bottom, before = (np.log(positive(x)) for x in (h, lo, lagged(c, 1)))
        shift = np.maximum(bottom - before, 0) - np.maximum(before - top, 0)
        top_now, bottom_now = top - shift, bottom - shift
        top_old, bottom_old = lagged(top, 1), lagged(bottom, 1)
        beta = (top_now - bottom_now) ** 2 + (top_old - bottom_old) ** 2
        gamma = (np.maximum(top_now, top_old) - np.minimum(bottom_now, bottom_old)) ** 2
        alpha = (np.sqrt(2 * beta) - np.sqrt(beta)) / _ROOT - np.sqrt(gamma / _ROOT)
        return mean(np.maximum(2 * np.tanh(alpha / 2), 0), n)

    return by_stretch(one, high, low, close)[0]


@register(
    "abdi_ranaldo", "Abdi-Ranaldo spread", inputs=_HLC, outputs=("abdi_ranaldo_{window}",),
    windows=(21,), unit="fraction", family="liquidity", knowledge=_KNOWLEDGE,
    source="F. Abdi and A. Ranaldo (2017)", memory=bars("window", 1),
)  # fmt: skip
def abdi_ranaldo(high: Floats, low: Floats, close: Floats, window: int = 21) -> Floats:
    """Root of the mean of 4 (c - m)(c - m'), with the log close of the day before this one, and the
    middle of the log range on that day and on this.
    """
    n = window_of(window)

    def one(h: Floats, lo: Floats, c: Floats) -> Floats:
        top, bottom, last = (np.log(positive(x)) for x in (h, lo, c))
        middle = (top + bottom) / 2
        before = lagged(last, 1)
        product = 4 * (before - lagged(middle, 1)) * (before - middle)
        spread: Floats = np.sqrt(np.maximum(mean(product, n), 0))
        return spread

    return by_stretch(one, high, low, close)[0]
