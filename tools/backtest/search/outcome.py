"""What a search keeps of a run: its figures and its curve, without orders and fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from tools.backtest.metrics import returns_of
from tools.market_data.columns import Floats, Times, nanoseconds

Figures = Mapping[str, float | int | None]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """One run through the desk.

    ``run`` is the id of its record and ``result`` the hash of its document. ``at`` are the moments
    of its bars (nanoseconds, UTC), shape ``(n,)``; ``equity`` and ``invested`` begin one place
    before them, shape ``(n + 1,)``. ``profits`` are of closed trades and ``traded`` is all that was
    bought and sold, in money. ``periods`` are the bars of a year.
    """

    run: str
    result: str
    figures: Figures
    at: Times
    equity: Floats
    invested: Floats
    profits: Floats
    traded: float
    periods: float

    @property
    def returns(self) -> Floats:
        """Of each bar, shape ``(n,)``; 0 from the bar after everything was lost."""
        return np.nan_to_num(returns_of(self.equity), nan=0.0)


def outcome_of(document: Mapping[str, Any]) -> Outcome:
    """The slim half of a run's document."""
    curve, figures, periods = document["curve"], document["figures"], document["bars_a_year"]
    equity = np.array(curve["equity"], dtype=np.float64)
    moments = [nanoseconds(datetime.fromisoformat(text)) for text in curve["at"][1:]]
    turnover = figures["annual_turnover"] or 0.0
    return Outcome(
        run=document["id"],
        result=document["hash"],
        figures=figures,
        at=np.array(moments, dtype=np.int64),
        equity=equity,
        invested=np.array(curve["invested"], dtype=np.float64),
        profits=np.array(
            [float(one["profit"]) for one in document["trades"] if one["closed"] is not None]
        ),
        traded=float(turnover * equity.mean() * (equity.size - 1) / periods),
        periods=float(periods),
    )
