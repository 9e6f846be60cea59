"""Means of stationary bootstraps of many series at once. Imported late: this imports numba."""

from __future__ import annotations

import numpy as np

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.compiling import compiled
from tools.backtest.fast.draws import chance, ending, following, number


def resampled_means(series: Floats, block: float, draws: int, seed: int) -> Floats:
    """A row for each draw: the mean of each column of ``series`` over the bars that it took."""
    means = np.zeros((draws, series.shape[1]))
    _resample(np.ascontiguousarray(series), chance(block), seed, means)
    return means


@compiled
def _resample(series: Floats, mean: np.uint64, seed: int, means: Floats) -> None:
    bars = series.shape[0]
    key = number(np.uint64(seed), 2)
    for draw in range(means.shape[0]):
        stream, at, total = number(key, draw), 0, means[draw]
        for k in range(bars):
            at = following(at, bars, number(stream, k), ending(k, mean, 0))
            row = series[at]
            for v in range(row.size):
                total[v] += row[v]
        total /= bars
