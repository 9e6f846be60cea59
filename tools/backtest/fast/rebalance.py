"""A portfolio brought back to target weights at dates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.backtest.fast.bars import Bars, Floats
from tools.backtest.metrics import SESSIONS_A_YEAR, annual_turnover
from tools.domain.errors import InputError

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rebalanced:
    """``equity`` at each close, shape ``(bars,)``; it began with ``began_with``.

    For each decision ``traded``, bought and sold in money, and ``units`` held after it, shape
    ``(decisions, symbols)``. ``lost_at`` is the bar where the equity was gone, -1 if it never was.
    """

    began_with: float
    equity: Floats
    traded: Floats
    units: Floats
    lost_at: int

    def turnover(self, periods: float = SESSIONS_A_YEAR) -> float:
        """Two-sided and a year's, as in ``metrics.annual_turnover``."""
        equity = np.concatenate([[self.began_with], self.equity])
        return annual_turnover(float(self.traded.sum()), equity, periods)


def rebalance(
    bars: Bars,
    decided: Sequence[int] | Ints,
    weights: Floats,
    *,
    cash: float = 100_000.0,
    cost: float = 0.0,
    borrow: float = 0.0,
    periods: float = SESSIONS_A_YEAR,
) -> Rebalanced:
    """Hold ``weights``, shape ``(decisions, symbols)``, as fractions of equity.

    Row k is decided at the close of bar ``decided[k]`` and traded at the next open; below zero is
    short. ``cost`` is the part of the traded value that trading takes, and weights are of what is
    left after it, so that weights of 1 in all never borrow. ``borrow`` is what shorts pay a year.
    A symbol in a hole at that open keeps its units, and if these leave too little, the others get
    less. Raises InputError for bars that don't rise, weights that are no numbers or beyond 10 in
    all, and costs below 0 or from 5 per cent on.
    """
    from tools.backtest.fast.rebalance_loop import rebalance_loop

    at = _decisions(decided, bars.close.shape[0])
    rows = np.array(weights, dtype=np.float64)
    if rows.shape != (at.size, bars.close.shape[1]):
        raise InputError(f"Weights must have the shape {(at.size, bars.close.shape[1])}.")
    odd = ~(np.abs(rows).sum(axis=1) <= 10)
    if odd.any():
        raise InputError(f"The weights decided at bar {at[odd][0]} are no numbers, or too large.")
    if not (0 <= cost < 0.05 and 0 <= borrow < periods and 0 < cash < math.inf):
        raise InputError("The cash must be above zero, the cost below 0.05, and nothing below 0.")
    equity, traded = np.empty(bars.close.shape[0]), np.zeros(at.size)
    units = np.zeros(rows.shape)
    lost = rebalance_loop(
        bars.open, bars.close, at, rows, cash, cost, borrow / periods, equity, traded, units
    )
    return Rebalanced(cash, equity, traded, units, int(lost))


def inverse_volatility(bars: Bars, decided: Sequence[int] | Ints, window: int = 63) -> Floats:
    """Weights of 1 over the standard deviation of each symbol's last ``window`` returns.

    Each row adds up to 1. A symbol with a hole in its window, or that never moved, gets 0; a row is
    0 where there are fewer than ``window`` + 1 bars.
    """
    from tools.backtest.fast.rebalance_loop import inverse_volatilities

    if not 2 <= window <= bars.close.shape[0]:
        raise InputError(f"The window must be from 2 bars to all of them, was {window}.")
    at = _decisions(decided, bars.close.shape[0])
    weights = np.empty((at.size, bars.close.shape[1]))
    inverse_volatilities(bars.close, at, window, weights)
    return weights


def _decisions(decided: Sequence[int] | Ints, bars: int) -> Ints:
    given = np.asarray(decided)
    at = given.astype(np.int64)
    whole = at.ndim == 1 and bool((at == given).all())
    if not whole or (at.size and (at[0] < 0 or at[-1] >= bars or (np.diff(at) <= 0).any())):
        raise InputError(f"Decisions must be bars from 0 to {bars - 1}, each after the last.")
    return at
