"""What a kept run tells to draw from: its returns by day, its trades as parts of the equity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.backtest.metrics import returns_of
from tools.backtest.report.regimes import by_day
from tools.backtest.report.shapes import Run, moments_of
from tools.domain.errors import InputError
from tools.market_data.columns import Floats

LEAST = 20


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """``returns`` of days (of bars, where these are longer) and ``days``, one text for each.

    ``trades`` are profits as parts of the equity when each was opened, in the order in which they
    ended. ``periods`` is returns a year.
    """

    cash: float
    days: tuple[str, ...]
    returns: Floats
    trades: Floats
    periods: float
    together: bool


def seen_in(run: Run) -> Seen:
    """Raises InputError where there is too little to draw from, or nothing ever moved."""
    equity = np.array(run.curve.equity, dtype=np.float64)
    daily = by_day(run.curve.moments, equity, None, run.bars_a_year)
    lost = np.flatnonzero(daily.equity <= 0)
    stop = int(lost[0]) + 1 if lost.size else len(daily.equity)
    returns = returns_of(daily.equity[:stop])
    if len(returns) < LEAST:
        raise InputError(
            f"Run {run.id} has {len(returns)} returns to draw from: Monte Carlo needs {LEAST}."
        )
    if not np.any(returns):
        raise InputError(f"Run {run.id} never moved, so there is nothing to draw from.")
    return Seen(
        float(equity[0]),
        tuple(str(day) for day in daily.days[: len(returns)]),
        returns,
        _trades(run, equity),
        daily.periods,
        len(daily.days) < len(run.curve.moments),
    )


def _trades(run: Run, equity: Floats) -> Floats:
    closed = [one for one in run.trades if one.closed is not None]
    if not closed:
        return np.zeros(0)
    moments = moments_of([one.opened for one in closed])
    # The equity at the last close before the trade was opened.
    before = equity[np.searchsorted(run.curve.moments, moments)]
    profits = np.array([float(one.profit) for one in closed])
    return np.asarray((profits / np.where(before > 0, before, np.nan))[before > 0])
