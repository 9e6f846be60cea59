"""Random numbers by position: the same for any order and any number of threads.

SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014), read at
any place: number k of a stream is a mix of the stream and k. Imported late: this imports numba.
"""

from __future__ import annotations

import numpy as np

from tools.backtest.fast.compiling import bare

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_30, _27, _31, _32 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
NEVER, CERTAIN = np.uint64(0), np.uint64(2**32)


@bare
def number(stream: np.uint64, place: int) -> np.uint64:
    """Sixty-four random bits."""
    z = np.uint64(stream + np.uint64(place + 1) * GOLDEN)
    z = np.uint64((z ^ (z >> _30)) * _FIRST)
    z = np.uint64((z ^ (z >> _27)) * _SECOND)
    return np.uint64(z ^ (z >> _31))


@bare
def below(bits: np.uint64, count: int) -> int:
    """From 0 to below ``count``, by the upper half of the bits; ``count`` is under 2 ** 31."""
    return int(np.int64(((bits >> _32) * np.uint64(count)) >> _32))


@bare
def ending(step: int, mean: np.uint64, block: int) -> np.uint64:
    """The chance that a block ends before this step, in parts of 2 ** 32; the first one begins.

    Blocks are ``block`` long each, or if that is 0 end with a chance of ``mean``: Politis and
    Romano, "The Stationary Bootstrap", Journal of the American Statistical Association (1994).
    """
    if block > 0:
        return CERTAIN if step % block == 0 else NEVER
    return mean if step > 0 else CERTAIN


@bare
def following(at: int, count: int, bits: np.uint64, ends: np.uint64) -> int:
    """The place after ``at`` in a bootstrap by blocks, round the end to the beginning.

    The chance is in the lower half of the bits, the place in the upper. Without branches: nobody
    could guess which way such a one goes.
    """
    drawn = below(bits, count)
    onward = at + 1 if at + 1 < count else 0
    return drawn if (bits & _LOW) < ends else onward


def chance(block: float) -> np.uint64:
    """The chance that a block of this mean length ends, in parts of 2 ** 32."""
    return np.uint64(min(2**32, round(2**32 / block)))
