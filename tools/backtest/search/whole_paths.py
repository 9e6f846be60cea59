"""Whole histories made of judged groups: what choosing again and again would have come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tools.backtest.result import Figures, figures
from tools.backtest.search.choosing import Choice
from tools.backtest.search.joining import Joined, joined
from tools.backtest.search.outcome import Outcome
from tools.backtest.validation.splits import paths
from tools.market_data.columns import Floats, Times

DRAWN = 12
"""Up to so many paths each has its equity in the document; of more, three and their quantiles."""
QUANTILES = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
SPREAD = {"least": 0.0, "p25": 0.25, "p50": 0.5, "p75": 0.75, "most": 1.0}
OF_PATHS = ("total_return", "annual_return", "sharpe", "max_drawdown")
Played = Sequence[Sequence[Outcome | None]]


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """``splits`` has the number of the combination that judges each group."""

    splits: tuple[int, ...]
    whole: Joined
    figures: Figures


def whole_paths(
    groups: int,
    judged: int,
    chosen: Sequence[Choice],
    played: Played,
    moments: Sequence[Times],
    cash: float,
    periods: float,
) -> tuple[Path, ...]:
    """Each path joins, group by group, what the choice of its combination did there.

    ``played`` has the outcome of each point in each group, None where it failed; such a stretch,
    and one for which nothing was chosen, stays in cash. ``moments`` are the bars of each group.
    """
    found = []
    for row in paths(groups, judged).tolist():
        points = [chosen[split].point for split in row]
        stretches = [
            (moments[group], None if point is None else played[group][point])
            for group, point in enumerate(points)
        ]
        whole = joined(stretches, cash)
        found.append(Path(tuple(row), whole, figures(whole.measured(periods))))
    return tuple(found)


def by_sharpe(found: Sequence[Path]) -> list[int]:
    """Their numbers from the worst Sharpe ratio on; one that never moved has 0."""
    return sorted(range(len(found)), key=lambda n: found[n].figures["sharpe"] or 0.0)


def middle_of(found: Sequence[Path]) -> int:
    """The number of the path in the middle by Sharpe ratio; of an even number the lower one."""
    return by_sharpe(found)[(len(found) - 1) // 2]


def told(found: Sequence[Path]) -> list[dict[str, Any]]:
    """As JSON values; with their equity all of a few paths, of many the worst, middle and best."""
    order = by_sharpe(found)
    few = len(found) <= DRAWN
    drawn = set(order) if few else {order[0], middle_of(found), order[-1]}
    return [
        {
            "splits": list(one.splits),
            "figures": one.figures,
            "equity": [float(value) for value in one.whole.equity] if n in drawn else None,
        }
        for n, one in enumerate(found)
    ]


def fan(found: Sequence[Path]) -> dict[str, list[float]]:
    """Quantiles of the equity at each place; empty of a few paths, which are all there."""
    if len(found) <= DRAWN:
        return {}
    equity = np.array([one.whole.equity for one in found])
    return {
        name: [float(value) for value in row]
        for name, row in zip(
            QUANTILES, np.quantile(equity, list(QUANTILES.values()), axis=0), strict=True
        )
    }


def spread(found: Sequence[Path], holding: Figures) -> dict[str, Any]:
    """How the paths lie apart, and how many lost and fell behind ``holding`` by Sharpe ratio."""
    told: dict[str, Any] = {}
    for name in OF_PATHS:
        values = _known(found, name)
        told[name] = {
            key: float(np.quantile(values, share)) if values.size else None
            for key, share in SPREAD.items()
        }
    ratios, beside = _known(found, "sharpe"), holding["sharpe"]
    told["losing"] = float(np.mean(_known(found, "total_return") < 0))
    told["behind"] = None if beside is None or not ratios.size else float(np.mean(ratios < beside))
    return told


def _known(found: Sequence[Path], name: str) -> Floats:
    return np.array([v for one in found if (v := one.figures[name]) is not None], dtype=np.float64)
