"""How much each feature told about what came next, as it could be known at each moment.

The method is mutual information (C. Shannon, 1948) between the feature and the log return of the
next ``ahead`` bars, both cut into bins of equal number by rank, in natural units, less the bias of
small samples (G. Miller, 1955). Chance is what the same estimate gives when the returns are shifted
round in time, which keeps what neighbouring returns share. At a moment only those rows count whose
return was known by then: nothing looks ahead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.domain.errors import DataUnavailable, InputError
from tools.features.matrix import FeatureMatrix
from tools.features.windows import logs
from tools.indicators.arrays import Floats, window_of
from tools.market_data.columns import Times

BINS = 5
SHIFTS = 19
LEAST = 60
"""Fewer pairs than this say nothing."""
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Importance:
    """``information``, ``chance`` and ``rank_correlation`` have the shape ``(moments, names)``.

    ``times`` are int64 nanoseconds UTC. Information above ``chance``, the largest of 19 shifts, has
    about 5 in 100 to come about by luck for each figure; with many features some will. The rank
    correlation says which way (C. Spearman, 1904). NaN where there are fewer than 60 pairs.
    """

    names: tuple[str, ...]
    times: Times
    information: Floats
    chance: Floats
    rank_correlation: Floats
    pairs: npt.NDArray[np.int64]


def importance(
    matrix: FeatureMatrix, close: Floats, *, ahead: int = 1, window: int = 504, step: int = 21
) -> Importance:
    """At every ``step``-th row, over the last ``window`` rows whose return was known by then.

    ``close`` has shape ``(n,)`` and stands beside the rows of ``matrix``. Raises InputError for
    impossible windows, DataUnavailable where there are too few rows.
    """
    n, span = window_of(ahead, "ahead"), window_of(window, least=LEAST)
    every = window_of(step, "step")
    if close.shape != matrix.times.shape:
        raise InputError("There must be one close for each row of the matrix.")
    first = LEAST + n - 1
    if len(matrix) <= first:
        raise DataUnavailable(
            f"Importance needs more than {first} bars, there are {len(matrix)}. Ask later."
        )
    # Counted from the first row, so that later rows move none of the moments.
    moments = np.arange(first, len(matrix), every)
    price = logs(close)
    outcome = np.full(len(matrix), np.nan)
    outcome[:-n] = price[n:] - price[:-n]
    shape = (len(moments), len(matrix.names))
    told, luck, sense = (np.full(shape, np.nan) for _ in range(3))
    pairs = np.zeros(shape, np.int64)
    for row, at in enumerate(moments):
        # The return of row r is known at row r + n.
        past = slice(max(at - n + 1 - span, 0), at - n + 1)
        for column in range(len(matrix.names)):
            values, then = matrix.values[past, column], outcome[past]
            both = ~(np.isnan(values) | np.isnan(then))
            pairs[row, column] = np.count_nonzero(both)
            if pairs[row, column] >= LEAST:
                figures = _judged(values[both], then[both])
                told[row, column], luck[row, column], sense[row, column] = figures
    return Importance(matrix.names, matrix.times[moments], told, luck, sense, pairs)


def _judged(values: Floats, then: Floats) -> tuple[float, float, float]:
    """Information, the largest by chance, and the rank correlation."""
    place, result = ranks(values), ranks(then)
    ours, theirs = _bins(place), _bins(result)
    shifts = np.linspace(0, then.size, SHIFTS + 2)[1:-1].astype(np.int64)
    by_chance = max(information(ours, np.roll(theirs, shift)) for shift in shifts)
    return information(ours, theirs), by_chance, _correlation(place, result)


def ranks(values: Floats) -> Floats:
    """From 0 to 1, equal values sharing the mean of their ranks."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts + 1) / 2)[place] / max(values.size - 1, 1)


def _bins(place: Floats) -> Codes:
    return np.minimum((place * BINS).astype(np.int64), BINS - 1)


def information(one: Codes, other: Codes) -> float:
    """Mutual information of two columns of bins in natural units; never below zero."""
    table = np.bincount(one * BINS + other, minlength=BINS * BINS).reshape(BINS, BINS)
    share = table / one.size
    alone = share.sum(axis=1)[:, np.newaxis] * share.sum(axis=0)[np.newaxis, :]
    filled = share > 0
    raw = float((share[filled] * np.log(share[filled] / alone[filled])).sum())
    used = (table.sum(axis=1) > 0).sum(), (table.sum(axis=0) > 0).sum()
    return max(raw - (int(used[0]) - 1) * (int(used[1]) - 1) / (2 * one.size), 0.0)


def _correlation(one: Floats, other: Floats) -> float:
    a, b = one - one.mean(), other - other.mean()
    spread = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / spread if spread > 0 else np.nan
