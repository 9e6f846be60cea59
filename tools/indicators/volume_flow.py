"""Volume on the way up against volume on the way down, beyond TA-Lib's.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``.
"""

from __future__ import annotations

import numpy as np

from tools.indicators.arrays import Floats, by_stretch, window_of
from tools.indicators.registry import register
from tools.indicators.rolling import lagged, mean, total
from tools.indicators.smoothing import ema
from tools.indicators.ta.table import bars

_KNOWLEDGE = "indicators/money-flow"


@register(
    "klinger", "Klinger oscillator", inputs=("high", "low", "close", "volume"),
    outputs=("klinger", "klinger_signal"), params={"fast": 34, "slow": 55, "signal": 13},
    unit="shares", family="volume", knowledge=_KNOWLEDGE, source="S. Klinger (1997)",
)  # fmt: skip
def klinger(
    high: Floats, low: Floats, close: Floats, volume: Floats, fast: int = 34, slow: int = 55,
    signal: int = 13,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Fast less slow EMA of the volume force, and its EMA.

    The force is the volume, signed by the direction of high + low + close, times how much of the
    swing's measured range the bar made up; 0 where that range is 0.
    """
    from tools.indicators.kernels import volume_force

    f, s, g = window_of(fast, "fast"), window_of(slow, "slow"), window_of(signal, "signal")

    def one(h: Floats, lo: Floats, c: Floats, v: Floats) -> tuple[Floats, Floats]:
        level = h + lo + c
        force = volume_force(np.where(level > lagged(level, 1), 1.0, -1.0), h - lo, v)
        line = ema(force, f) - ema(force, s)
        return line, ema(line, g)

    line, smooth = by_stretch(one, high, low, close, volume, outputs=2)
    return line, smooth


@register(
    "ease_of_movement", "Ease of movement", inputs=("high", "low", "volume"),
    outputs=("ease_of_movement_{window}",), windows=(14,), unit="price per million shares",
    family="volume", knowledge=_KNOWLEDGE, source="R. Arms (1996)", memory=bars("window", 1),
)  # fmt: skip
def ease_of_movement(high: Floats, low: Floats, volume: Floats, window: int = 14) -> Floats:
    """Mean of the middle's move times the range per million shares; 0 for a bar without volume."""
    n = window_of(window)

    def one(h: Floats, lo: Floats, v: Floats) -> Floats:
        middle = (h + lo) / 2
        move = middle - lagged(middle, 1)
        return mean(move * np.where(v > 0, 1e6 * (h - lo) / v, 0), n)

    return by_stretch(one, high, low, volume)[0]


@register(
    "up_volume", "Share of volume on rises", inputs=("close", "volume"),
    outputs=("up_volume_{window}",), windows=(20,), unit="0 to 1", family="volume",
    knowledge="patterns/volume-confirmation", source="volume of rising bars over all volume",
    memory=bars("window", 1),
)  # fmt: skip
def up_volume(close: Floats, volume: Floats, window: int = 20) -> Floats:
    """Share of the window's volume that traded on bars with a higher close; NaN without volume."""
    n = window_of(window)

    def one(c: Floats, v: Floats) -> Floats:
        before = lagged(c, 1)
        known = np.where(np.isnan(before), np.nan, v)
        return total(np.where(c > before, v, 0 * known), n) / total(known, n)

    return by_stretch(one, close, volume)[0]
