"""Two tables of a run: its figures by stretch of market, and at other costs."""

from __future__ import annotations

import math

import numpy as np

from tools.backtest.report.cost_steps import cost_steps
from tools.backtest.report.regimes import MEAN, MONTH, by_day, stretches
from tools.backtest.report.shapes import Curve, Run
from tools.backtest.report.tables import note, said, table

MARKET = "buy and hold"


def regime_part(curve: Curve, periods: float) -> str:
    """Rising or falling, calm or stormy, year by year."""
    equity = np.array(curve.equity, dtype=np.float64)
    market = curve.column(MARKET)
    if market is not None and (not np.isfinite(market).all() or market[0] <= 0):
        market = None
    daily = by_day(curve.moments, equity, market, periods)
    rows = [
        [
            f"{one.kind}: {one.name}",
            f"{one.bars:,}",
            _said(one.total_return, "{:+.1%}"),
            _said(one.volatility, "{:.1%}"),
            _said(one.sharpe, "{:.2f}"),
            _said(one.max_drawdown, "{:.1%}"),
            _said(one.market_return, "{:+.1%}"),
        ]
        for one in stretches(daily)
    ]
    head = ("", "days", "return", "volatility", "Sharpe", "drawdown", MARKET)
    return table(head, rows, "figures") + note(
        f"Rising: {MARKET} stood above its mean of {MEAN} days at the close before. Calm and "
        f"stormy: the thirds of its volatility over the {MONTH} days before; where the thirds lie "
        "is known only afterwards. Days of one kind are put one after another. The first days, "
        "without a mean yet, are in neither."
    )


def cost_part(run: Run) -> str:
    """The run at nothing, once, twice and four times what it paid."""
    rows = [
        [
            f"{step.times:g} ×",
            f"{step.paid:,.2f}",
            _said(step.total_return, "{:+.1%}"),
            _said(step.sharpe, "{:.2f}"),
            _said(step.max_drawdown, "{:.1%}"),
        ]
        for step in cost_steps(run)
    ]
    return table(("costs", "paid", "return", "Sharpe", "drawdown"), rows, "figures") + note(
        "By arithmetic on the run's own fills, not played again: orders and their sizes stay as "
        "they were. Slippage and impact are laid on the fills by their value, borrowing on the "
        "days by what was held short."
    )


def _said(value: float, form: str) -> str:
    return said(value if math.isfinite(value) else None, form)
