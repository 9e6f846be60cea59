"""Loops that feed on their own last value, compiled. Inputs are gapless float64 arrays.

Imported late, by the functions that need them: this imports numba.
"""

from __future__ import annotations

from math import log

import numpy as np

from tools.indicators.arrays import Floats
from tools.indicators.compiled import compiled


@compiled
def adaptive(values: Floats, weights: Floats) -> Floats:
    """An exponential average whose weight changes; it begins at the first weight that is none NaN.

    The first value is the input itself. A NaN weight later leaves the average as it is.
    """
    result = np.full(values.size, np.nan)
    level = np.nan
    for t in range(values.size):
        if not np.isnan(weights[t]):
            level = values[t] if np.isnan(level) else level + weights[t] * (values[t] - level)
        result[t] = level
    return result


@compiled
def logarithms(values: Floats) -> Floats:
    """The C library's logarithm, which numpy's own need not match to the last bit; NaN up to 0."""
    result = np.full(values.size, np.nan)
    for t in range(values.size):
        if values[t] > 0:
            result[t] = log(values[t])
    return result


@compiled
def second_order(
    values: Floats, x0: float, x1: float, x2: float, y1: float, y2: float, level: float
) -> Floats:
    """``y = x0 x + x1 x' + x2 x'' + y1 y' + y2 y''``; the first two are ``level`` times x."""
    result = np.empty(values.size)
    for t in range(values.size):
        if t < 2:
            result[t] = level * values[t]
        else:
            result[t] = (
                x0 * values[t] + x1 * values[t - 1] + x2 * values[t - 2]
                + y1 * result[t - 1] + y2 * result[t - 2]
            )  # fmt: skip
    return result


@compiled
def mcginley(values: Floats, window: int, share: float) -> Floats:
    """McGinley's line: slow where the price is above it, quick where it is below."""
    result = np.empty(values.size)
    for t in range(values.size):
        if t == 0 or result[t - 1] == 0:
            result[t] = values[t]
        else:
            before = result[t - 1]
            step = share * window * (values[t] / before) ** 4
            result[t] = before + (values[t] - before) / step if step > 0 else values[t]
    return result


@compiled
def laguerre(values: Floats, damping: float) -> tuple[Floats, Floats, Floats, Floats]:
    """The four lines of Ehlers' Laguerre filter, started at the first value."""
    lines = np.empty((4, values.size))
    for t in range(values.size):
        if t == 0:
            lines[:, 0] = values[0]
            continue
        lines[0, t] = (1 - damping) * values[t] + damping * lines[0, t - 1]
        for k in range(1, 4):
            lines[k, t] = (
                -damping * lines[k - 1, t] + lines[k - 1, t - 1] + damping * lines[k, t - 1]
            )
    return lines[0], lines[1], lines[2], lines[3]


@compiled
def fisher(place: Floats) -> Floats:
    """Ehlers' smoothing and Fisher transform of a place in the range, 0 to 1; NaN is passed by."""
    result = np.full(place.size, np.nan)
    value, line = 0.0, 0.0
    for t in range(place.size):
        if np.isnan(place[t]):
            continue
        value = 0.66 * (place[t] - 0.5) + 0.67 * value
        value = min(max(value, -0.999), 0.999)
        line = 0.5 * np.log((1 + value) / (1 - value)) + 0.5 * line
        result[t] = line
    return result


@compiled
def streak(values: Floats) -> Floats:
    """How many moves in a row went the same way, below zero when down; 0 after no move."""
    result = np.zeros(values.size)
    for t in range(1, values.size):
        before = result[t - 1]
        if values[t] > values[t - 1]:
            result[t] = before + 1 if before > 0 else 1.0
        elif values[t] < values[t - 1]:
            result[t] = before - 1 if before < 0 else -1.0
    return result


@compiled
def smoothed_place(values: Floats, window: int, weight: float) -> Floats:
    """Where a value stands in its window's range, 0 to 100, exponentially smoothed.

    A range of zero repeats the place before. NaN until ``window`` values in a row were there.
    """
    result = np.full(values.size, np.nan)
    place, level = 0.0, np.nan
    for t in range(window - 1, values.size):
        part = values[t - window + 1 : t + 1]
        low, high = part.min(), part.max()
        if np.isnan(low) or np.isnan(high):
            continue
        if high > low:
            place = 100 * (values[t] - low) / (high - low)
        level = place if np.isnan(level) else level + weight * (place - level)
        result[t] = level
    return result


@compiled
def total_since(values: Floats, group: Floats) -> Floats:
    """Running total that starts anew with each new value of ``group``."""
    result = np.empty(values.size)
    for t in range(values.size):
        anew = t == 0 or group[t] != group[t - 1]
        result[t] = values[t] if anew else result[t - 1] + values[t]
    return result


@compiled
def volume_force(direction: Floats, span: Floats, volume: Floats) -> Floats:
    """Klinger's volume force; NaN for the first bar."""
    result = np.full(volume.size, np.nan)
    measured = span[0] if span.size else 0.0
    for t in range(1, volume.size):
        same = direction[t] == direction[t - 1]
        measured = measured + span[t] if same else span[t - 1] + span[t]
        share = abs(2 * (span[t] / measured - 1)) if measured > 0 else 0.0
        result[t] = 100 * volume[t] * share * direction[t]
    return result
