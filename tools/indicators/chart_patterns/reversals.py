"""Tops that may end a rise: double top, head and shoulders. Bottoms are these upside down."""

from __future__ import annotations

from tools.indicators.chart_patterns.find import Find, Line, Side, spots, through
from tools.indicators.chart_patterns.pivots import Pivot

Swings = tuple[Pivot, ...]
ALIKE = 0.2
"""Peaks are alike when they differ by at most this share of the pattern's height."""


def double_top(swings: Swings) -> Find | None:
    """Two highs alike with a low between them, after a rise from below that low.

    R. Edwards and J. Magee (1948). The low is the line that confirms it.
    """
    if len(swings) < 4 or not swings[-1].high:
        return None
    start, first, middle, second = swings[-4:]
    height = max(first.price, second.price) - middle.price
    if start.price >= middle.price or height <= 0:
        return None
    if abs(first.price - second.price) > ALIKE * height:
        return None
    top = Line(second.bar, max(first.price, second.price))
    neck = Line(middle.bar, middle.price)
    return Find("double top", spots((first, middle, second)), second.known_at, Side.DOWN, top, neck)


def head_and_shoulders(swings: Swings) -> Find | None:
    """A high between two lower ones that are alike, after a rise from below both lows.

    R. Schabacker (1932). The line through the two lows confirms it; it may slope.
    """
    if len(swings) < 6 or not swings[-1].high:
        return None
    start, left, first, head, second, right = swings[-6:]
    neck = through(first, second)
    height = head.price - neck.at(head.bar)
    if start.price >= min(first.price, second.price) or height <= 0:
        return None
    if not max(left.price, right.price) < head.price:
        return None
    if right.price <= neck.at(right.bar) or left.price <= neck.at(left.bar):
        return None
    if abs(left.price - right.price) > ALIKE * height:
        return None
    if abs(first.price - second.price) > 2 * ALIKE * height:
        return None
    return Find(
        "head and shoulders", spots((left, first, head, second, right)), right.known_at,
        Side.DOWN, Line(head.bar, head.price), neck,
    )  # fmt: skip
