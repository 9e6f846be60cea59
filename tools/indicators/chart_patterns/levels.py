"""Prices at which several swings turned: support and resistance."""

from __future__ import annotations

from collections.abc import Iterator

from tools.indicators.chart_patterns.find import Find, Line, Side, spots
from tools.indicators.chart_patterns.pivots import Pivot

TOUCHES = 3
NEAR = 0.01
"""Pivots lie on one level when they differ by at most this share of its price."""
LONGEST = 250


def levels(points: tuple[Pivot, ...]) -> Iterator[Find]:
    """A find each time a pivot is at least the third of its kind near one price in 250 bars.

    A level of highs is resistance until a close lies above its highest touch; a level of lows is
    support until a close lies below its lowest.
    """
    for number, point in enumerate(points):
        near = tuple(
            p
            for p in points[: number + 1]
            if p.high == point.high
            and point.bar - p.bar <= LONGEST
            and abs(p.price - point.price) <= NEAR * abs(point.price)
        )
        if len(near) < TOUCHES:
            continue
        near = tuple(sorted(near, key=lambda p: p.bar))
        prices = [p.price for p in near]
        edge = Line(point.bar, max(prices) if point.high else min(prices))
        yield Find(
            "resistance" if point.high else "support", spots(near), point.known_at, Side.EITHER,
            edge if point.high else None, None if point.high else edge,
        )  # fmt: skip
