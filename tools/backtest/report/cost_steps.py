"""What the run would have come to at other costs, by arithmetic on its own fills.

Nothing is played again: the orders and their sizes stay, only what was paid for them is less or
more. A smaller account would have traded less, and a strategy that sees its equity otherwise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tools.backtest.metrics import max_drawdown, returns_of, sharpe, total_return
from tools.backtest.report.figures import places
from tools.backtest.report.shapes import Run
from tools.market_data.columns import Floats

TIMES = (0.0, 1.0, 2.0, 4.0)


@dataclass(frozen=True, slots=True)
class Step:
    """``paid`` in money; fractions; Sharpe a year, NaN where it can't be known."""

    times: float
    paid: float
    total_return: float
    sharpe: float
    max_drawdown: float


def cost_steps(run: Run) -> list[Step]:
    """The run at nothing, once, twice and four times its costs."""
    equity, paid = np.array(run.curve.equity, dtype=np.float64), _paid(run)
    steps = []
    for times in TIMES:
        changed = equity - (times - 1.0) * paid
        # From nothing on, a real account would have been closed.
        lost = np.flatnonzero(changed <= 0)
        kept = changed[: lost[0]] if lost.size else changed
        ratio = sharpe(returns_of(kept), run.bars_a_year) if len(kept) > 2 else math.nan
        steps.append(
            Step(
                times,
                times * float(paid[-1]),
                -1.0 if lost.size else total_return(changed),
                math.nan if lost.size else ratio,
                1.0 if lost.size else max_drawdown(changed),
            )
        )
    return steps


def _paid(run: Run) -> Floats:
    """All that was paid so far, before the first bar and at each, shape ``(n + 1,)``.

    Commission is told by each fill. Slippage and impact are one sum for the run, laid on its fills
    by their value; borrowing is one too, laid on the bars by what was held short.
    """
    spent = np.zeros(len(run.curve.at) - 1)
    at = places(run.curve, run.fills)
    values = np.array([float(abs(fill.quantity * fill.price * fill.rate)) for fill in run.fills])
    slipped, lent = (float(run.costs.get(name, 0)) for name in ("slippage and impact", "borrowing"))
    np.add.at(spent, at, [float(fill.commission * fill.rate) for fill in run.fills])
    if values.sum() > 0:
        np.add.at(spent, at, slipped * values / values.sum())
    invested, net = run.curve.column("invested"), run.curve.column("net")
    if lent and invested is not None and net is not None:
        short = np.nan_to_num(np.maximum(invested - net, 0.0))[1:]
        if short.sum() > 0:
            spent += -lent * short / short.sum()
    return np.append(0.0, np.cumsum(spent))
