"""For each combination of groups: the best point where it learns, and what it is where judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tools.backtest import metrics
from tools.backtest.validation.overfitting import Overfitting, overfitting_of
from tools.backtest.validation.splits import Split
from tools.market_data.columns import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One combination; ``point`` is None where nothing could be chosen.

    ``learnt`` and ``judged`` are the metric of every point on the days of each, shape
    ``(points,)``, NaN where it isn't known.
    """

    split: Split
    point: int | None
    learnt: Floats
    judged: Floats


def choices(
    returns: Floats, splits: Sequence[Split], metric: str, periods: float
) -> tuple[Choice, ...]:
    """One for each split; the most of ``metric`` is chosen, the first of equals.

    ``returns`` are those of each point bar by bar, shape ``(bars, points)``, NaN on the bars of a
    group in which it failed: such a point is not chosen by who learns from that group.
    """
    return tuple(_choice(returns, split, metric, periods) for split in splits)


def _choice(returns: Floats, split: Split, metric: str, periods: float) -> Choice:
    learnt, judged = (
        np.array([figure(column, metric, periods) for column in returns[bars].T])
        for bars in (split.learn, split.judge)
    )
    point = None if np.isnan(learnt).all() else int(np.nanargmax(learnt))
    return Choice(split, point, learnt, judged)


def figure(returns: Floats, metric: str, periods: float) -> float:
    """One figure of returns that may have days left out between them; NaN where not known."""
    if np.isnan(returns).any():
        return float("nan")
    if metric == "sharpe":
        return metrics.sharpe(returns, periods)
    if metric == "sortino":
        return metrics.sortino(returns, periods)
    equity = np.concatenate([[1.0], np.cumprod(1.0 + returns)])
    if metric == "total_return":
        return metrics.total_return(equity)
    if metric == "max_drawdown":
        return metrics.max_drawdown(equity)
    of_year = {"annual_return": metrics.annual_return, "calmar": metrics.calmar}
    return of_year[metric](equity, periods)


def overfitted(chosen: Sequence[Choice]) -> Overfitting | None:
    """How often the choice is in the lower half where it is judged; None where it isn't one."""
    learnt = np.array([one.learnt for one in chosen])
    if learnt.shape[1] < 2 or np.isnan(learnt).all():
        return None
    return overfitting_of(learnt, np.array([one.judged for one in chosen]))


def counted(chosen: Sequence[Choice], points: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """How often each point was chosen, the most often first; those never chosen are left out."""
    times = np.bincount([one.point for one in chosen if one.point is not None], minlength=1)
    order = sorted(np.flatnonzero(times).tolist(), key=lambda place: -times[place])
    return [{"params": points[place], "times": int(times[place])} for place in order]
