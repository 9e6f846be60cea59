"""The loops of Monte Carlo. Imported late: this imports numba."""

from __future__ import annotations

import numpy as np

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.compiling import bare, compiled
from tools.backtest.fast.draws import ending, following, number

LANES = 64
"""Paths that go on side by side: the processor takes several of them at once."""


@compiled
def paths_part(
    growth: Floats,
    length: int,
    mean: np.uint64,
    block: int,
    seed: int,
    first: int,
    stop: int,
    totals: Floats,
    falls: Floats,
) -> None:
    """The paths from ``first`` up to ``stop``: what is left of 1, and the deepest fall.

    What is left of the highest so far grows as the equity does, and never beyond 1: nobody divides.
    """
    key = number(np.uint64(seed), 0)
    streams, at = np.empty(LANES, np.uint64), np.empty(LANES, np.int64)
    grown, equity = np.empty(LANES), np.empty(LANES)
    left, worst = np.empty(LANES), np.empty(LANES)
    for start in range(first, stop, LANES):
        for j in range(LANES):
            streams[j], at[j] = number(key, start + j), 0
            equity[j] = left[j] = worst[j] = 1.0
        for k in range(length):
            ends = ending(k, mean, block)
            for j in range(LANES):
                at[j] = following(at[j], growth.size, number(streams[j], k), ends)
            # On its own: reading from scattered places would hold up what is done in the width of
            # the processor before and after.
            for j in range(LANES):
                grown[j] = growth[at[j]]
            for j in range(LANES):
                equity[j] *= grown[j]
                now = left[j] * grown[j]
                now = now if now < 1.0 else 1.0
                left[j] = now
                worst[j] = now if now < worst[j] else worst[j]
        for j in range(min(LANES, stop - start)):
            totals[start + j], falls[start + j] = equity[j] - 1.0, 1.0 - worst[j]


@bare
def curves_part(
    growth: Floats,
    length: int,
    mean: np.uint64,
    block: int,
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
                at = following(at, growth.size, number(stream, k), ending(k, mean, block))
                equity *= growth[at]
            curves[p, k] = equity
