"""What every indicator shares: its windows are checked and gaps in its inputs are bridged."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from tools.domain.errors import InputError

Floats = npt.NDArray[np.float64]
LARGEST_WINDOW = 2500
"""Ten years of sessions; a longer window is a slip of the pen."""
LARGEST = 1e60
"""No price or volume is this large; beyond it, squares and products of inputs could overflow."""


def window_of(value: object, what: str = "window", least: int = 1) -> int:
    """A whole number of bars from ``least`` to LARGEST_WINDOW; raises InputError otherwise."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InputError(f"{what} must be a whole number of bars, was {value}.")
    if not least <= value <= LARGEST_WINDOW:
        raise InputError(f"{what} must be from {least} to {LARGEST_WINDOW} bars, was {value}.")
    return value


def number_of(value: object, what: str, least: float, most: float) -> float:
    """A finite number from ``least`` to ``most``; raises InputError otherwise."""
    if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most:
        return float(value)
    raise InputError(f"{what} must be a number from {least:g} to {most:g}, was {value}.")


def by_stretch(
    function: Callable[..., Floats | tuple[Floats, ...]], *inputs: Floats, outputs: int = 1
) -> tuple[Floats, ...]:
    """Apply ``function`` to each stretch of bars without a gap; NaN elsewhere.

    A bar where any input is NaN or beyond LARGEST is a gap. TA-Lib would carry it into every later
    value; here each stretch is computed as if it stood alone, so windows that touch a gap are NaN
    and later ones recover, also for indicators with unending memory (EMA, RSI, MACD, ATR, ADX,
    OBV), which start anew. Raises InputError when the inputs differ in length or are not flat.
    """
    columns = [np.ascontiguousarray(column, dtype=np.float64) for column in inputs]
    size = columns[0].size
    if any(column.ndim != 1 or column.size != size for column in columns):
        raise InputError("Indicator inputs must be flat arrays of the same length.")
    if size and all(column.min() >= -LARGEST and column.max() <= LARGEST for column in columns):
        answer = function(*columns)
        return answer if isinstance(answer, tuple) else (answer,)
    results = tuple(np.full(size, np.nan) for _ in range(outputs))
    good = np.logical_and.reduce([np.abs(column) <= LARGEST for column in columns])
    for start, stop in _stretches(good):
        answer = function(*(column[start:stop] for column in columns))
        parts = answer if isinstance(answer, tuple) else (answer,)
        for result, part in zip(results, parts, strict=True):
            result[start:stop] = part
    return results


def _stretches(good: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open ranges of consecutive True."""
    edges = np.flatnonzero(np.diff(good.astype(np.int8), prepend=0, append=0))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
