"""Rules for sweeps: what to hold, worked out for one symbol and one row of parameters at a time.

    @prepare                            @signal
    def sums(columns):                  def rising(sums, params, wish):
        ...                                 ...

``prepare`` is given ``columns``, shape ``(5, bars)``: open, high, low, close, volume of one symbol,
and answers whatever its signals share, two-dimensional. ``signal`` is given that, one row of
parameters, and ``wish`` of int8, shape ``(bars,)`` and zero at first, to write 1 for long, 0 for
nothing, -1 for short. ``wish[t]`` must come from bars up to ``t``: it is traded at the next open.
What a function is given to read can't be written: compiling one that tries fails.
Imported late: this imports numba.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import types

from tools.backtest.fast.bars import Floats
from tools.backtest.fast.compiling import typed

Wishes = npt.NDArray[np.int8]
SHARED = types.Array(types.float64, 2, "C", readonly=True)
ROW = types.Array(types.float64, 1, "C", readonly=True)
PREPARE = types.float64[:, ::1](SHARED)
SIGNAL = types.void(SHARED, ROW, types.int8[::1])
prepare = typed(PREPARE, checked=True)
signal = typed(SIGNAL, checked=True)
TICKS = 10_000.0
"""Prices are quoted in whole parts of this; sums of such are exact where they are counted in it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Two compiled functions that belong together, and how many parameters a row has."""

    prepare: Callable[[Floats], Floats]
    signal: Callable[[Floats, Floats, Wishes], None]
    parameters: int


@typed(PREPARE)
def sums_of_closes(columns: Floats) -> Floats:
    """Row 0: the sum of the closes before bar t, at t; row 1: the last hole before it, or -1.

    Where every close is a whole number of ticks the sums are of ticks, and exact: rounded sums make
    crossings out of averages that are equal.
    """
    close = columns[3]
    count = close.size
    sums = np.zeros((2, count + 1))
    scale = TICKS
    for t in range(count):
        ticks = close[t] * TICKS
        if abs(ticks - np.rint(ticks)) > 1e-12 * ticks:  # no NaN passes this
            scale = 1.0
            break
    last_hole = -1.0
    for t in range(count):
        value = close[t] * scale
        if np.isnan(value):
            last_hole, value = t, 0.0
        sums[0, t + 1] = sums[0, t] + (np.rint(value) if scale > 1 else value)
        sums[1, t + 1] = last_hole
    return sums


@typed(SIGNAL)
def sma_cross(sums: Floats, params: Floats, wish: Wishes) -> None:
    """Long while the mean of the last ``params[0]`` closes is above that of ``params[1]``.

    Nothing until the longer window is full, nor while a hole is in it.
    """
    fast, slow = int(params[0]), int(params[1])
    if fast < 1 or slow < 1 or fast != params[0] or slow != params[1]:
        raise ValueError("windows must be whole numbers of at least 1 bar")
    total, longest = sums[0], max(fast, slow)
    if longest > wish.size:
        return
    # Without fractions: mean > mean, both sides times both windows. Slices, so that it is done in
    # the width of the processor.
    ends, wishes = total[longest:], wish[longest - 1 :]
    quick, calm = total[longest - fast :], total[longest - slow :]
    for t in range(wishes.size):
        wishes[t] = (ends[t] - quick[t]) * slow > (ends[t] - calm[t]) * fast
    if sums[1, wish.size] >= 0:
        for t in range(longest - 1, wish.size):
            if sums[1, t + 1] > t - longest:
                wish[t] = 0


SMA_CROSS = Rule(sums_of_closes, sma_cross, 2)
