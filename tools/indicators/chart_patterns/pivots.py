"""Confirmed turning points of a series, and the swings between them as they were known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tools.domain.errors import InputError
from tools.indicators.arrays import LARGEST, Floats, window_of

SIDE = 5


@dataclass(frozen=True, slots=True)
class Pivot:
    """A turning point: the bar it lies on, its price, and the bar on which it was known."""

    bar: int
    price: float
    high: bool
    known_at: int


def pivots(high: Floats, low: Floats, side: int = SIDE) -> tuple[Pivot, ...]:
    """Highs and lows that stand out by ``side`` bars on both sides, in the order they were known.

    A pivot high is above the highs of the ``side`` bars before it and not below any of the
    ``side`` bars after it. Windows with a NaN, or a value beyond LARGEST, have none. Raises
    InputError for arrays of different lengths, or a side that is no number of bars.
    """
    k = window_of(side, "side")
    if high.ndim != 1 or high.shape != low.shape:
        raise InputError("High and low must be flat arrays of the same length.")
    found = [
        Pivot(int(bar), float(values[bar]), sign > 0, int(bar) + k)
        for sign, values in ((1.0, high), (-1.0, low))
        for bar in np.flatnonzero(_stands_out(sign * values, k))
    ]
    return tuple(sorted(found, key=lambda p: (p.known_at, p.high)))


def _stands_out(values: Floats, side: int) -> npt.NDArray[np.bool_]:
    stands = np.zeros(values.size, dtype=bool)
    many = values.size - 2 * side
    if many > 0:
        middle = values[side : side + many]
        best = np.abs(middle) <= LARGEST
        for step in range(1, side + 1):
            best &= middle > values[side - step :][:many]
            best &= middle >= values[side + step :][:many]
        stands[side : side + many] = best
    return stands


def histories(points: Iterable[Pivot], most: int) -> Iterator[tuple[Pivot, ...]]:
    """The last ``most`` alternating swings, each time a new pivot changes them.

    Of several highs in a row the highest so far counts, and so for lows; what was yielded before
    stays as it was.
    """
    swings: list[Pivot] = []
    for point in points:
        if swings and swings[-1].high == point.high:
            better = point.price > swings[-1].price
            if better != point.high or point.price == swings[-1].price:
                continue
            swings[-1] = point
        elif swings and point.bar <= swings[-1].bar:
            continue  # a bar that is both: the one told first stays
        else:
            swings = [*swings[-most:], point]
        yield tuple(swings[-most:])


def mirrored(points: Iterable[Pivot]) -> tuple[Pivot, ...]:
    """The same swings upside down: tops become bottoms."""
    return tuple(replace(p, price=-p.price, high=not p.high) for p in points)
