"""Volume-weighted average prices: of the session, of a window, from a day on.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``. The price of a
bar is its typical price, (high + low + close) / 3. Without volume so far the value is NaN.
``session`` is a number that changes with each session, such as the date 20120601.
"""

from __future__ import annotations

import numpy as np

from tools.indicators.arrays import Floats, by_stretch, number_of, window_of
from tools.indicators.registry import register
from tools.indicators.rolling import total
from tools.indicators.ta.table import bars

_KNOWLEDGE = "indicators/volume-weighted-average-price"
_HLCV = ("high", "low", "close", "volume")


def _typical(high: Floats, low: Floats, close: Floats) -> Floats:
    return (high + low + close) / 3


@register(
    "rolling_vwap", "Rolling VWAP", inputs=_HLCV, outputs=("rolling_vwap_{window}",),
    windows=(20,), family="volume", knowledge=_KNOWLEDGE,
    source="value over volume of the window", memory=bars("window"),
)  # fmt: skip
def rolling_vwap(
    high: Floats, low: Floats, close: Floats, volume: Floats, window: int = 20
) -> Floats:
    """Mean typical price of the last ``window`` bars, weighted by volume."""
    n = window_of(window)
    return by_stretch(
        lambda h, lo, c, v: total(_typical(h, lo, c) * v, n) / total(v, n), high, low, close, volume
    )[0]


@register(
    "session_vwap", "VWAP of the session", inputs=(*_HLCV, "session"), outputs=("session_vwap",),
    family="volume", knowledge=_KNOWLEDGE, source="value over volume since the session began",
)  # fmt: skip
def session_vwap(
    high: Floats, low: Floats, close: Floats, volume: Floats, session: Floats
) -> Floats:
    """Mean price since the session began, weighted by volume; on daily bars the typical price."""
    from tools.indicators.kernels import total_since

    def one(h: Floats, lo: Floats, c: Floats, v: Floats, s: Floats) -> Floats:
        return total_since(_typical(h, lo, c) * v, s) / total_since(v, s)

    return by_stretch(one, high, low, close, volume, session)[0]


@register(
    "anchored_vwap", "Anchored VWAP", inputs=(*_HLCV, "session"), outputs=("anchored_vwap",),
    params={"anchor": 0.0}, family="volume", knowledge=_KNOWLEDGE,
    source="B. Shannon: value over volume since an event",
)  # fmt: skip
def anchored_vwap(
    high: Floats, low: Floats, close: Floats, volume: Floats, session: Floats, anchor: float = 0.0
) -> Floats:
    """Mean price since the first session not before ``anchor``, weighted by volume; NaN before it.

    ``anchor`` is a date written as 20120601; 0 is the first bar. A gap starts it anew.
    """
    first = number_of(anchor, "anchor", 0, 1e9)

    def one(h: Floats, lo: Floats, c: Floats, v: Floats, s: Floats) -> Floats:
        counted = np.where(s >= first, v, 0.0)
        mean: Floats = np.cumsum(_typical(h, lo, c) * counted) / np.cumsum(counted)
        return mean

    return by_stretch(one, high, low, close, volume, session)[0]
