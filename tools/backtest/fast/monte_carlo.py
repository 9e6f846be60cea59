"""What else could have come of the same returns, trades or parameters.

All of it is drawn from what was seen: a loss that never happened is in none of the paths. The same
seed gives the same answer, to the bit, for any number of threads.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from tools.backtest.fast.bars import Floats
from tools.domain.errors import InputError

PART = 2_048
"""Paths that one thread takes at a time."""
MOST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Paths:
    """For each path its return and its deepest fall, as fractions, shape ``(paths,)``."""

    total_return: Floats
    max_drawdown: Floats

    def value_at_risk(self, level: float = 0.95) -> float:
        """The loss over the whole length that ``level`` of the paths didn't exceed, at least 0."""
        if not 0.5 <= level < 1:
            raise InputError(f"level must be from 0.5 to below 1, was {level}.")
        return max(0.0, float(np.quantile(-self.total_return, level, method="higher")))


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Draws paths from ``returns`` (fractions, one a bar) in blocks of neighbouring bars.

    ``block`` is their mean length, or the length of each if ``fixed``; 1 draws every bar alone,
    which tears apart what hangs together: right for closed trades, as parts of the equity. A return
    of -1 or less ends a path at nothing. Raises InputError for NaN, for nothing to draw from, and
    for blocks longer than what there is.
    """

    returns: Floats
    block: float = 10.0
    fixed: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what can't be drawn from."""
        values = np.asarray(self.returns, dtype=np.float64)
        if values.ndim != 1 or not 0 < values.size < MOST or not np.isfinite(values).all():
            raise InputError("A bootstrap needs a flat array of at least one number, and no NaN.")
        if not 1 <= self.block <= max(1, values.size):
            raise InputError(f"A block must be from 1 bar to all of them, was {self.block}.")
        if self.fixed and self.block != int(self.block):
            raise InputError(f"A fixed block must be a whole number of bars, was {self.block}.")
        if not 0 <= self.seed < 2**63:
            raise InputError("The seed must be a whole number from 0 to below 2 ** 63.")

    def paths(self, count: int, length: int, threads: int | None = None) -> Paths:
        """``count`` paths of ``length`` bars, on all cores unless told."""
        from tools.backtest.fast.monte_carlo_loop import paths_part

        _at_least_one(count, length, threads or 1)
        totals, falls = np.empty(count), np.empty(count)
        drawn = self._drawn(length)

        def part(first: int) -> None:
            paths_part(*drawn, self.seed, first, min(first + PART, count), totals, falls)

        part(0)  # compiled by one thread, not by each
        with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
            list(pool.map(part, range(PART, count, PART)))
        return Paths(totals, falls)

    def curves(self, count: int, length: int) -> Floats:
        """The first ``count`` of the same paths, bar by bar from 1, shape ``(count, length)``."""
        from tools.backtest.fast.monte_carlo_loop import curves_part

        _at_least_one(count, length)
        curves = np.empty((count, length))
        curves_part(*self._drawn(length), self.seed, curves)
        return curves

    def _drawn(self, length: int) -> tuple[Floats, int, np.uint64, int]:
        from tools.backtest.fast.draws import chance

        values = np.array(self.returns, dtype=np.float64)
        growth = np.maximum(0.0, 1.0 + values)
        block = int(self.block) if self.fixed else 0
        return growth, length, chance(self.block), block


def around(params: Floats, share: float, count: int, seed: int = 0) -> Floats:
    """``count`` rows of parameters near one: each off by up to ``share`` of itself, evenly.

    Whole numbers stay whole, and at least 1 when they were. Sweep them: a rule that holds only at
    its own parameters was fitted to the past.
    """
    from tools.backtest.fast.draws import number

    row = np.asarray(params, dtype=np.float64)
    if row.ndim != 1 or not np.isfinite(row).all() or not 0 <= share < 1 or count < 1:
        raise InputError("Parameters must be one row of numbers, and the share from 0 to below 1.")
    key = number(np.uint64(seed), 1)
    bits = [int(number(key, k)) for k in range(count * row.size)]
    off = np.array(bits, dtype=np.float64).reshape(count, row.size) / 2.0**64 * 2.0 - 1.0
    rows = row * (1.0 + share * off)
    whole = np.where(row >= 1, np.maximum(1.0, np.round(rows)), np.round(rows))
    return np.asarray(np.where(row == np.round(row), whole, rows), dtype=np.float64)


def _at_least_one(count: int, length: int, threads: int = 1) -> None:
    if not (1 <= count <= MOST and 1 <= length <= MOST and threads >= 1):
        raise InputError(f"Paths and their length must be at least 1, were {count} and {length}.")
