"""White's reality check: does the best of all that was tried beat the benchmark by more than luck?

White, "A Reality Check for Data Snooping", Econometrica (2000), with the stationary bootstrap of
Politis and Romano (1994).
"""

from __future__ import annotations

import math

import numpy as np

from tools.backtest.validation.returns import Floats, many, one
from tools.domain.errors import InputError


def reality_check(
    tried: Floats,
    benchmark: Floats | None = None,
    *,
    block: float = 10.0,
    draws: int = 1_000,
    seed: int = 0,
) -> float:
    """The chance that worthless rules show as good a best one; small means that it is no luck.

    ``max sqrt(n) mean(f)`` over the variants, f being their returns less the benchmark's (nothing
    unless told), against ``max sqrt(n) (mean(f*) - mean(f))`` of ``draws`` resamples in blocks of
    the mean length ``block``. The data's own figure counts as one draw, so that it is never 0.
    """
    from tools.backtest.fast.resampling import resampled_means

    excess = many(tried)
    bars = excess.shape[0]
    if benchmark is not None:
        against = one(benchmark)
        if against.size != bars:
            raise InputError(f"The benchmark has {against.size} bars, the variants {bars}.")
        excess = excess - against[:, np.newaxis]
    if not 1 <= block <= bars or draws < 1 or seed < 0:
        raise InputError(f"Blocks must be from 1 to {bars} bars long, draws at least 1.")
    root, means = math.sqrt(bars), excess.mean(axis=0)
    seen = root * float(means.max())
    drawn = resampled_means(excess, block, draws, seed)
    as_good = int(np.sum(root * (drawn - means).max(axis=1) >= seen))
    return (1 + as_good) / (1 + draws)
