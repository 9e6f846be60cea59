"""Bars of a tape as vendors publish them: junk taken out, and each trade for what it counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from tools.domain.errors import InputError
from tools.market_data.aggregation.batch import aggregate
from tools.market_data.aggregation.conditions import Plan, by_size, effects
from tools.market_data.aggregation.finished import Aggregated
from tools.market_data.aggregation.grid import NOWHERE, Grid
from tools.market_data.aggregation.items import Effects
from tools.market_data.columns import TickColumns
from tools.market_data.quality.finding import Treatment
from tools.market_data.quality.validation import Validation, validate_trades

NEW_YORK = "XNYS"


def published(
    ticks: TickColumns,
    grid: Grid,
    codes: Sequence[str] | None = None,
    plan: Plan | None = None,
    until: datetime | None = None,
) -> tuple[Aggregated, Validation[TickColumns]]:
    """The bars, and what was found of the trades; those that were removed make no bar.

    ``codes`` are the trades' sale conditions by ``plan``. Without them, a trade of New York's
    calendar below a round lot sets no price, as an odd lot; elsewhere all count for everything.
    Raises InputError for codes without a plan, or one that the plan does not have.
    """
    checked = validate_trades(ticks)
    keep = np.ones(len(ticks), bool)
    for finding in checked.findings:
        if finding.treatment is Treatment.REMOVED:
            keep[finding.rows] = False
    effect = _effects(ticks, grid, codes, plan)
    clean = None if effect is None else effect[keep]
    return aggregate(checked.clean, grid, clean, until=until), checked


def _effects(
    ticks: TickColumns, grid: Grid, codes: Sequence[str] | None, plan: Plan | None
) -> Effects | None:
    if codes is None:
        return by_size(ticks.size) if grid.calendar == NEW_YORK else None
    if plan is None:
        raise InputError(
            "The trades have sale conditions: say whose, cta (listings of NYSE and others) or utp "
            "(listings of Nasdaq)."
        )
    if not grid.timeframe.intraday:
        # A day's prices are the session's: what says T sets none, also outside of it.
        return effects(codes, plan)
    session = Grid(grid.timeframe, grid.calendar).place(ticks.time)
    return effects(codes, plan, (session.start == NOWHERE).tolist())
