"""Means and deviations to the last bit as numpy has them, which the strategies use.

Near a threshold a rule asks these, and decides as the strategy does, rounding included. Away from
it two sums answer. Imported late: this imports numba.
"""

from __future__ import annotations

import numpy as np

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.compiling import bare

EIGHT, BLOCK = 8, 128


@bare
def pairwise(values: Floats) -> float:
    """The sum as numpy adds: in eight lanes up to 128 values, and halves of more (Higham 1993)."""
    count = values.size
    if count > BLOCK:
        half = count // 2
        half -= half % EIGHT
        return pairwise(values[:half]) + pairwise(values[half:])
    if count < EIGHT:
        total = 0.0
        for k in range(count):
            total += values[k]
        return total
    a, b, c, d = values[0], values[1], values[2], values[3]
    e, f, g, h = values[4], values[5], values[6], values[7]
    whole = count - count % EIGHT
    for k in range(EIGHT, whole, EIGHT):
        a, b, c, d = a + values[k], b + values[k + 1], c + values[k + 2], d + values[k + 3]
        e, f, g, h = e + values[k + 4], f + values[k + 5], g + values[k + 6], h + values[k + 7]
    total = float(((a + b) + (c + d)) + ((e + f) + (g + h)))
    for k in range(whole, count):
        total += values[k]
    return total


@bare
def mean(values: Floats) -> float:
    """``values.mean()``."""
    return pairwise(values) / values.size


@bare
def deviation(values: Floats, spare: Floats, free: int) -> float:
    """``values.std(ddof=free)``; ``spare`` is room for as many values."""
    middle, squares = mean(values), spare[: values.size]
    for k in range(values.size):
        squares[k] = (values[k] - middle) * (values[k] - middle)
    return float(np.sqrt(pairwise(squares) / (values.size - free)))
