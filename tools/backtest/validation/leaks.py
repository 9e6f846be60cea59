"""Signals that knew the future."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from tools.domain.errors import InputError

CUTS = 20


def first_leak(make: Callable[[int], npt.ArrayLike], bars: int, cuts: int = CUTS) -> int | None:
    """The first bar found whose signal changes when later bars are taken away; None if none does.

    ``make(count)`` works the signal out from the first ``count`` bars alone; its first axis is the
    bar. It is asked for all of them and for two times ``cuts`` beginnings, spread over the second
    half and at the end. What it answers must be the same each time that it is asked.
    """
    if bars < 4 or cuts < 1:
        raise InputError("To find a leak takes at least 4 bars and one cut.")
    whole = _made(make, bars)
    tail = np.arange(max(2, bars - cuts), bars)
    spread = np.linspace(bars // 2, bars - 1, cuts).astype(int)
    leaks = []
    for count in np.union1d(spread, tail):
        early = _made(make, int(count))
        same = (early == whole[:count]) | (np.isnan(early) & np.isnan(whole[:count]))
        differs = ~same.reshape(int(count), -1).all(axis=1)
        if differs.any():
            leaks.append(int(np.argmax(differs)))
    return min(leaks, default=None)


def _made(make: Callable[[int], npt.ArrayLike], count: int) -> npt.NDArray[np.float64]:
    signal = np.asarray(make(count), dtype=np.float64)
    if signal.shape[:1] != (count,):
        raise InputError(f"The signal of {count} bars has the shape {signal.shape}.")
    return signal
