"""What the traded volume says.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``.
"""

from __future__ import annotations

from tools.indicators.arrays import Floats, by_stretch
from tools.indicators.registry import register
from tools.indicators.ta_lib import talib


@register(
    "obv",
    "On-balance volume",
    inputs=("close", "volume"),
    outputs=("obv",),
    unit="shares",
    knowledge="indicators/on-balance-volume",
    family="volume",
    source="J. Granville (1963); TA-Lib OBV",
)
def obv(close: Floats, volume: Floats) -> Floats:
    """Running total of volume, added when the close rises and taken off when it falls, in shares.

    J. Granville (1963). The level depends on the first bar, and starts anew after a gap; only its
    changes mean anything. Volume is as traded: a split makes a step in its slope.
    """
    return by_stretch(talib.OBV, close, volume)[0]
