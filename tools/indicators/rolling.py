"""Windows taken afresh at every bar: no running sums, so no drift and no memory beyond the window.

Each function takes a float64 array of shape ``(n,)`` and gives one of the same shape, NaN for the
first ``window - 1``. A NaN in a window makes that window's value NaN and no other. The terms of a
window are added oldest first, so that a value has the same bits wherever its window stands.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tools.indicators.arrays import Floats


def _folded(
    values: Floats, window: int, start: Callable[[Floats], Floats], add: Callable[..., object]
) -> Floats:
    """Fold each window; ``add(total, values, place)`` changes ``total`` where it stands."""
    result = np.full(values.size, np.nan)
    many = values.size - window + 1
    if many > 0:
        folded = start(values[:many])
        for place in range(1, window):
            add(folded, values[place : place + many], place)
        result[window - 1 :] = folded
    return result


def total(values: Floats, window: int) -> Floats:
    """Sum of the window."""
    return _folded(values, window, np.copy, lambda so_far, x, _: np.add(so_far, x, out=so_far))


def mean(values: Floats, window: int) -> Floats:
    """Mean of the window."""
    return total(values, window) / window


def highest(values: Floats, window: int) -> Floats:
    """Largest value of the window."""
    return _folded(values, window, np.copy, lambda so_far, x, _: np.maximum(so_far, x, out=so_far))


def lowest(values: Floats, window: int) -> Floats:
    """Smallest value of the window."""
    return _folded(values, window, np.copy, lambda so_far, x, _: np.minimum(so_far, x, out=so_far))


def weighted(values: Floats, weights: Floats) -> Floats:
    """Sum of the window's values times ``weights``, oldest first; not divided by anything."""

    def add(so_far: Floats, x: Floats, place: int) -> None:
        so_far += x * weights[place]

    return _folded(values, len(weights), lambda x: x * weights[0], add)


def moment(values: Floats, window: int, order: int) -> Floats:
    """Mean of the window's distances from its mean, to the power ``order``."""
    middle = mean(values, window)[window - 1 :]

    def add(so_far: Floats, x: Floats, _: int) -> None:
        so_far += (x - middle) ** order

    return _folded(values, window, lambda x: (x - middle) ** order, add) / window


def deviation(values: Floats, window: int, lost: int = 0) -> Floats:
    """Standard deviation with the divisor ``window - lost``; NaN where that is not above 0."""
    if window <= lost:
        return np.full(values.size, np.nan)
    squares: Floats = np.sqrt(moment(values, window, 2) * window / (window - lost))
    return squares


def lagged(values: Floats, bars: int) -> Floats:
    """The value ``bars`` before; NaN for the first ``bars``."""
    result = np.full(values.size, np.nan)
    if bars < values.size:
        result[bars:] = values[: values.size - bars]
    return result


def slope(values: Floats, window: int) -> Floats:
    """Slope of the least-squares line through the window, per bar; window at least 2."""
    places = np.arange(window) - (window - 1) / 2
    return weighted(values, places / (places @ places))
