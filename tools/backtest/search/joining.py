"""The judged stretches of a walk forward, one after the other, as one account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tools.backtest.metrics import Metrics, measure
from tools.backtest.search.outcome import Outcome
from tools.market_data.columns import Floats, Times


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """``equity`` and ``invested`` begin one place before ``at``; all is the one account's money."""

    at: Times
    equity: Floats
    invested: Floats
    profits: Floats
    traded: float

    def measured(self, periods: float) -> Metrics:
        """The figures of the whole, as a run's."""
        return measure(self.equity, self.profits, self.traded, self.invested[1:], periods)


def joined(stretches: Sequence[tuple[Times, Outcome | None]], cash: float) -> Joined:
    """Each stretch begins with what the one before was worth; None is a stretch without a trade.

    The runs all began with ``cash``: what they earned, traded and held is scaled. An account that
    is at or below zero at a stretch's end stays as it is.
    """
    at, equity, invested = [], [np.array([cash])], [np.zeros(1)]
    profits, traded, worth = [np.zeros(0)], 0.0, cash
    for moments, one in stretches:
        at.append(moments)
        if one is None or worth <= 0:
            equity.append(np.full(len(moments), worth))
            invested.append(np.zeros(len(moments)))
            continue
        scale = worth / cash
        equity.append(one.equity[1:] * scale)
        invested.append(one.invested[1:] * scale)
        profits.append(one.profits * scale)
        traded += one.traded * scale
        worth = float(equity[-1][-1])
    return Joined(
        np.concatenate(at),
        np.concatenate(equity),
        np.concatenate(invested),
        np.concatenate(profits),
        traded,
    )
