"""One way to draw other pasts: its paths as a fan over time and as figures with their quantiles."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tools.market_data.columns import Floats

QUANTILES = {"p5": 0.05, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p95": 0.95}
DRAWDOWNS = (0.1, 0.2, 0.3, 0.5)
LEVELS = (0.95, 0.99)
MOST_PLACES = 121


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """``totals``, ``falls`` (fractions) and ``sharpes`` (a year; NaN unknown) have one for a path.

    ``curves`` are growths of 1, shape ``(paths, places)``, at the places that ``at`` names, the
    beginning first; they may be of fewer paths. ``seen`` is what the run itself had; ``said`` are
    the assumptions, as sentences.
    """

    name: str
    at: Sequence[str]
    curves: Floats
    totals: Floats
    falls: Floats
    sharpes: Floats
    seen: Mapping[str, float]
    said: tuple[str, ...]

    def plain(self, cash: float) -> dict[str, Any]:
        """JSON values; the fan in money, begun with ``cash``. What can't be known is None."""
        fan = np.quantile(self.curves, list(QUANTILES.values()), axis=0) * cash
        rows = zip(QUANTILES, fan, strict=True)
        figures: dict[str, Any] = {
            "total_return": _quantiles(self.totals, self.seen["total_return"]),
            "sharpe": _quantiles(self.sharpes, self.seen["sharpe"]),
            "max_drawdown": _quantiles(self.falls, self.seen["max_drawdown"]),
            "loss": float(np.mean(self.totals < 0)),
            "worse": {f"{fall:.2f}": float(np.mean(self.falls > fall)) for fall in DRAWDOWNS},
            "value_at_risk": {f"{level:.2f}": _at_risk(self.totals, level) for level in LEVELS},
            "expected_shortfall": {f"{level:.2f}": _beyond(self.totals, level) for level in LEVELS},
        }
        return {
            "paths": len(self.totals),
            "drawn": len(self.curves),
            "fan": {"at": list(self.at)} | {name: _plain(row) for name, row in rows},
            "figures": figures,
            "said": list(self.said),
        }


def thinned(count: int) -> list[int]:
    """Up to 121 of ``count`` places, the first and the last among them."""
    places = np.unique(np.linspace(0, count - 1, min(count, MOST_PLACES)).astype(int))
    return [int(place) for place in places]


def _quantiles(values: Floats, seen: float) -> dict[str, float | None]:
    known = values[np.isfinite(values)]
    found = {
        name: float(np.quantile(known, part)) if known.size else None
        for name, part in QUANTILES.items()
    }
    return found | {"seen": seen if math.isfinite(seen) else None}


def _at_risk(totals: Floats, level: float) -> float:
    """The loss over the whole length that ``level`` of the paths didn't exceed, at least 0."""
    return max(0.0, float(np.quantile(-totals, level, method="higher")))


def _beyond(totals: Floats, level: float) -> float:
    """The mean loss of the paths at or beyond that, at least 0."""
    edge = float(np.quantile(-totals, level, method="higher"))
    return max(0.0, float(np.mean(-totals[-totals >= edge])))


def _plain(row: Floats) -> list[float | None]:
    return [float(value) if math.isfinite(value) else None for value in row]
