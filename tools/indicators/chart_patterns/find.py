"""What was found: its points, the lines that decide it, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from tools.indicators.arrays import Floats
from tools.indicators.chart_patterns.pivots import Pivot


class Side(StrEnum):
    """Where a close must go."""

    UP = "up"
    DOWN = "down"
    EITHER = "either"


class Status(StrEnum):
    """What became of a find by some bar."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line through ``price`` at ``bar``, rising by ``slope`` a bar."""

    bar: int
    price: float
    slope: float = 0.0

    def at(self, bar: int) -> float:
        """Its price at a bar."""
        return self.price + self.slope * (bar - self.bar)

    def mirrored(self) -> Line:
        """The same line upside down."""
        return Line(self.bar, -self.price, -self.slope)


def through(first: Pivot, second: Pivot) -> Line:
    """The line through two pivots."""
    slope = (second.price - first.price) / (second.bar - first.bar)
    return Line(second.bar, second.price, slope)


@dataclass(frozen=True, slots=True)
class Find:
    """A pattern, known on bar ``known_at`` from bars up to it and no later ones.

    A close above ``upper`` or below ``lower`` decides it; ``expects`` says which of them confirms
    it (either: the first that comes). ``decided_at`` is the first bar from ``known_at`` on by whose
    close it was decided, or None; ``went`` the side it went to.
    """

    kind: str
    points: tuple[tuple[int, float], ...]
    known_at: int
    expects: Side
    upper: Line | None
    lower: Line | None
    decided_at: int | None = None
    went: Side | None = None

    @property
    def level(self) -> float | None:
        """The price whose crossing confirms it, at the bar where it was known; None for either."""
        line = {Side.UP: self.upper, Side.DOWN: self.lower}.get(self.expects)
        if line is None and (self.upper is None) != (self.lower is None):
            line = self.upper or self.lower
        return None if line is None else line.at(self.known_at)

    @property
    def status(self) -> Status:
        """What became of it by the last bar."""
        if self.went is None:
            return Status.OPEN
        expected = self.expects in (Side.EITHER, self.went)
        return Status.CONFIRMED if expected else Status.FAILED

    def as_of(self, bar: int) -> Find:
        """As it stood after ``bar``; ``bar`` is not before ``known_at``."""
        if self.decided_at is None or self.decided_at <= bar:
            return self
        return replace(self, decided_at=None, went=None)

    def decided(self, close: Floats) -> Find:
        """With what the closes after its last point say; a close that is NaN says nothing."""
        start = self.points[-1][0] + 1
        bars = np.arange(start, close.size)
        closes = close[start:]
        up = _crossed(self.upper, bars, closes, 1)
        down = _crossed(self.lower, bars, closes, -1)
        if not up.any() and not down.any():
            return self
        first = int(np.argmax(up | down))
        went = Side.UP if up[first] else Side.DOWN
        return replace(self, decided_at=max(start + first, self.known_at), went=went)

    def mirrored(self) -> Find:
        """The same find upside down, under the same kind."""
        turned = {Side.UP: Side.DOWN, Side.DOWN: Side.UP, Side.EITHER: Side.EITHER}
        return replace(
            self,
            points=tuple((bar, -price) for bar, price in self.points),
            expects=turned[self.expects],
            upper=None if self.lower is None else self.lower.mirrored(),
            lower=None if self.upper is None else self.upper.mirrored(),
        )


def _crossed(
    line: Line | None, bars: npt.NDArray[np.int_], closes: Floats, side: int
) -> npt.NDArray[np.bool_]:
    if line is None:
        return np.zeros(bars.size, dtype=bool)
    beyond: npt.NDArray[np.bool_] = (
        side * (closes - line.price - line.slope * (bars - line.bar)) > 0
    )
    return beyond


def spots(points: tuple[Pivot, ...]) -> tuple[tuple[int, float], ...]:
    """Bars and prices of pivots."""
    return tuple((p.bar, p.price) for p in points)
