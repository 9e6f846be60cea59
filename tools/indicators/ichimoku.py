"""Ichimoku Kinko Hyo, with its spans as they are known on the bar where they are drawn.

Arrays are float64 of shape ``(n,)``, oldest first; gaps as in ``arrays.by_stretch``.
"""

from __future__ import annotations

from tools.indicators.arrays import Floats, by_stretch, window_of
from tools.indicators.registry import register
from tools.indicators.rolling import highest, lagged, lowest


@register(
    "ichimoku", "Ichimoku", inputs=("high", "low"),
    outputs=("ichimoku_conversion", "ichimoku_base", "ichimoku_span_a", "ichimoku_span_b"),
    params={"conversion": 9, "base": 26, "span": 52, "shift": 26}, family="trend",
    knowledge="indicators/ichimoku", source="G. Hosoda (1969)",
    memory=lambda p: max(p["conversion"], p["base"], p["span"]) + p["shift"],
)  # fmt: skip
def ichimoku(
    high: Floats, low: Floats, conversion: int = 9, base: int = 26, span: int = 52, shift: int = 26
) -> tuple[Floats, Floats, Floats, Floats]:
    """Conversion line, base line, and the two edges of the cloud that stands over each bar.

    Each line is the middle of the range of its window. A cloud is drawn ``shift`` bars ahead of the
    bar that makes it: the edges given for a bar were made ``shift`` bars before it. The lagging
    span is left out: it is the close itself, drawn back in time, where nobody could have seen it.
    """
    c, b = window_of(conversion, "conversion"), window_of(base, "base")
    s, ahead = window_of(span, "span"), window_of(shift, "shift")

    def one(h: Floats, lo: Floats) -> tuple[Floats, ...]:
        short, middle, long = ((highest(h, n) + lowest(lo, n)) / 2 for n in (c, b, s))
        return short, middle, lagged((short + middle) / 2, ahead), lagged(long, ahead)

    short, middle, edge_a, edge_b = by_stretch(one, high, low, outputs=4)
    return short, middle, edge_a, edge_b
