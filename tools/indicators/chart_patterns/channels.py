"""Two highs and two lows that draw two lines: triangles, wedges, rectangles; flags and pennants."""

from __future__ import annotations

from tools.indicators.chart_patterns.find import Find, Line, Side, spots, through
from tools.indicators.chart_patterns.pivots import Pivot

Swings = tuple[Pivot, ...]
FLAT = 0.15
"""A line is flat when it moves by at most this share of the pattern's first width."""
NARROW = 0.8
"""Lines converge when the last width is at most this share of the first."""
POLE = 0.5
"""A flag gives back at most this share of its pole."""


def _lines(swings: Swings) -> tuple[Line, Line, float, float, float] | None:
    """Upper and lower line through the last four swings; their moves and the last width.

    Moves and width are in units of the first width. None where the lines cross or touch.
    """
    if len(swings) < 4:
        return None
    four = swings[-4:]
    highs, lows = [p for p in four if p.high], [p for p in four if not p.high]
    upper, lower = through(*highs), through(*lows)
    start, end = four[0].bar, four[-1].bar
    width = upper.at(start) - lower.at(start)
    if width <= 0 or upper.at(end) <= lower.at(end):
        return None
    span = end - start
    last = (upper.at(end) - lower.at(end)) / width
    return upper, lower, upper.slope * span / width, lower.slope * span / width, last


def channel(swings: Swings) -> Find | None:
    """A triangle, wedge or rectangle by the slopes of its lines; R. Edwards and J. Magee (1948)."""
    found = _lines(swings)
    if found is None:
        return None
    upper, lower, above, below, last = found
    named = _named(above, below, last)
    if named is None:
        return None
    kind, expects = named
    return Find(kind, spots(swings[-4:]), swings[-1].known_at, expects, upper, lower)


def _named(above: float, below: float, last: float) -> tuple[str, Side] | None:
    flat_above, flat_below = abs(above) <= FLAT, abs(below) <= FLAT
    if flat_above and flat_below:
        return "rectangle", Side.EITHER
    if last > NARROW:
        return None
    if flat_above and below > FLAT:
        return "ascending triangle", Side.UP
    if flat_below and above < -FLAT:
        return "descending triangle", Side.DOWN
    if above < -FLAT and below > FLAT:
        return "symmetrical triangle", Side.EITHER
    if above > FLAT:
        return "rising wedge", Side.DOWN
    return "falling wedge", Side.UP


def flag(swings: Swings) -> Find | None:
    """A steep rise, then a short pause that gives back less than half; upside down for a fall.

    A flag's lines fall side by side, a pennant's converge. The pause is no longer than three times
    the rise, which is at least twice as tall as the pause. A close above the upper line confirms.
    """
    if len(swings) < 5 or swings[-1].high:
        return None
    start, top, *_ = swings[-5:]
    found = _lines(swings)
    if found is None:
        return None
    upper, lower, above, below, last = found
    pole, bars = top.price - start.price, top.bar - start.bar
    pause = swings[-1].bar - top.bar
    lowest = min(p.price for p in swings[-4:])
    if pole <= 0 or lowest < top.price - POLE * pole or pause > 3 * bars:
        return None
    if upper.at(top.bar) - lower.at(top.bar) > POLE * pole or above > FLAT:
        return None
    if last <= NARROW and below > FLAT:
        kind = "bull pennant"
    elif below < -FLAT and last > NARROW:
        kind = "bull flag"
    else:
        return None
    return Find(kind, spots(swings[-5:]), swings[-1].known_at, Side.UP, upper, lower)
