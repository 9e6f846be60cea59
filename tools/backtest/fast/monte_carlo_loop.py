"""The loops of Monte Carlo. Imported late: this imports numba."""

from __future__ import annotations

import numpy as np

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.compiling import bare
from tools.backtest.fast.draws import following, number


@bare
def paths_part(
    growth: Floats,
    length: int,
    mean: np.uint64,
    block: int,
    adding: bool,
    seed: int,
    first: int,
    stop: int,
    totals: Floats,
    falls: Floats,
) -> None:
    """The paths from ``first`` up to ``stop``: what is left of 1, and the deepest fall."""
    key = number(np.uint64(seed), 0)
    for p in range(first, stop):
        stream = number(key, p)
        equity, peak, worst, at = 1.0, 1.0, 1.0, 0
        for k in range(length):
            at = following(at, growth.size, k, number(stream, k), mean, block)
            equity = equity + growth[at] if adding else equity * growth[at]
            peak = max(peak, equity)
            if equity < worst * peak:
                worst = equity / peak
                if equity <= 0:
                    break
        totals[p], falls[p] = equity - 1.0, 1.0 - worst


@bare
def curves_part(
    growth: Floats,
    length: int,
    mean: np.uint64,
    block: int,
    adding: bool,
    seed: int,
    curves: Floats,
) -> None:
    """The same paths from the first on, each bar of them."""
    key = number(np.uint64(seed), 0)
    for p in range(curves.shape[0]):
        stream = number(key, p)
        equity, at = 1.0, 0
        for k in range(length):
            if equity > 0:
                at = following(at, growth.size, k, number(stream, k), mean, block)
                equity = equity + growth[at] if adding else equity * growth[at]
            curves[p, k] = equity
