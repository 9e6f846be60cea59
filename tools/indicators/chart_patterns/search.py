"""Every chart pattern in a series, in the order in which they were known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tools.domain.errors import InputError
from tools.indicators.arrays import Floats
from tools.indicators.chart_patterns.channels import channel, flag
from tools.indicators.chart_patterns.find import Find
from tools.indicators.chart_patterns.levels import levels
from tools.indicators.chart_patterns.pivots import SIDE, Pivot, histories, mirrored, pivots
from tools.indicators.chart_patterns.reversals import double_top, head_and_shoulders

MOST = 6
_TURNED: tuple[tuple[Callable[[tuple[Pivot, ...]], Find | None], dict[str, str]], ...] = (
    (double_top, {"double top": "double bottom"}),
    (head_and_shoulders, {"head and shoulders": "inverse head and shoulders"}),
    (flag, {"bull flag": "bear flag", "bull pennant": "bear pennant"}),
)
KINDS = (
    "double top", "double bottom", "head and shoulders", "inverse head and shoulders",
    "ascending triangle", "descending triangle", "symmetrical triangle", "rising wedge",
    "falling wedge", "rectangle", "bull flag", "bear flag", "bull pennant", "bear pennant",
    "support", "resistance",
)  # fmt: skip


def find_patterns(high: Floats, low: Floats, close: Floats, side: int = SIDE) -> tuple[Find, ...]:
    """All finds, by the bar on which they were known; ``side`` as in ``pivots``.

    Nothing about a find but what became of it depends on bars after ``known_at``. Raises InputError
    for arrays of different lengths.
    """
    if close.shape != high.shape:
        raise InputError("High, low and close must be flat arrays of the same length.")
    points = pivots(high, low, side)
    found = [*levels(points)]
    for swings in histories(points, MOST):
        found += _at(swings)
    return tuple(sorted((find.decided(close) for find in found), key=lambda f: f.known_at))


def _at(swings: tuple[Pivot, ...]) -> Iterator[Find]:
    """What the newest swing completes."""
    if straight := channel(swings):
        yield straight
    upside_down = mirrored(swings)
    for detect, turned in _TURNED:
        if found := detect(swings):
            yield found
        if found := detect(upside_down):
            yield replace(found.mirrored(), kind=turned[found.kind])
