"""What features say about their history, and pairs of series in one window."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tools.features.row import WarmUp
from tools.indicators.arrays import Floats
from tools.indicators.smoothing import positive


def after(more: int = 0, name: str = "window") -> WarmUp:
    """The first value is at bar ``params[name] + more``, counted from 0."""

    def bars(params: Mapping[str, float]) -> float:
        return params[name] + more

    return bars


def at(count: int) -> WarmUp:
    """The first value is at bar ``count`` whatever the parameters are."""
    return lambda _: count


def logs(values: Floats) -> Floats:
    """Natural logarithm; NaN up to zero."""
    result: Floats = np.log(positive(values))
    return result


def both(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    """The two, NaN wherever either is."""
    known = ~(np.isnan(one) | np.isnan(other))
    return np.where(known, one, np.nan), np.where(known, other, np.nan)


def over(above: Floats, below: Floats) -> Floats:
    """The ratio; NaN where the divisor is not above zero."""
    return above / np.where(below > 0, below, np.nan)


def total(values: Floats, window: int) -> Floats:
    """Sum of each window."""
    from tools.features.folding import total as folded

    return folded(values, window)


def mean(values: Floats, window: int) -> Floats:
    """Mean of each window."""
    return total(values, window) / window


def deviation(values: Floats, window: int, lost: int = 0) -> Floats:
    """Standard deviation with the divisor ``window - lost``; NaN where that is not above 0."""
    from tools.features.folding import variance

    if window <= lost:
        return np.full(values.size, np.nan)
    spread: Floats = np.sqrt(variance(values, window) * (window / (window - lost)))
    return spread


def covariance(one: Floats, other: Floats, window: int) -> Floats:
    """Mean of the products of the distances from each window's means."""
    from tools.features.folding import covariance as folded

    return folded(one, other, window)


def moved(spread: Floats, level: Floats) -> Floats:
    """``spread``, NaN where it is nothing but the rounding of values as large as ``level``."""
    return np.where(spread > 1e-12 * np.abs(level), spread, np.nan)
