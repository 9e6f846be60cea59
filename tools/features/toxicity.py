"""The buckets of VPIN, compiled; imports numba, so it is imported late."""

from __future__ import annotations

from math import erf, sqrt

import numpy as np

from tools.indicators.arrays import Floats
from tools.indicators.compiled import compiled


@compiled
def vpin(moves: Floats, amount: Floats, buckets: int, window: int, size: float) -> Floats:
    """``moves`` are log returns, the first NaN; NaN until ``buckets`` buckets were filled."""
    result = np.full(moves.size, np.nan)
    kept = np.zeros(buckets)
    filled, room, bucket, net = 0, 0.0, 0.0, 0.0
    for t in range(window, moves.size):
        middle, usual = 0.0, 0.0
        for i in range(t - window + 1, t + 1):
            middle += moves[i]
            usual += amount[i]
        middle, usual = middle / window, usual / window
        squares = 0.0
        for i in range(t - window + 1, t + 1):
            squares += (moves[i] - middle) ** 2
        spread = sqrt(squares / window)
        # Bought less sold, as a share of what was traded.
        side = erf(moves[t] / spread / sqrt(2.0)) if spread > 1e-12 else 0.0
        left = amount[t]
        while left > 0 and usual > 0 and not np.isnan(side):
            if bucket == 0:
                bucket = usual * size
                room, net = bucket, 0.0
            part = min(left, room)
            net += part * side
            left, room = left - part, room - part
            if room <= 0:
                kept[filled % buckets] = abs(net) / bucket
                filled, bucket = filled + 1, 0.0
        if filled >= buckets:
            total = 0.0
            for i in range(buckets):
                total += kept[(filled + i) % buckets]
            result[t] = min(total / buckets, 1.0)
    return result
