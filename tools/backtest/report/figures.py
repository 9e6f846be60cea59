"""What the page draws, worked out of a run's document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tools.backtest.metrics import returns_of
from tools.market_data.columns import Floats

WINDOW = 126


def column(document: dict[str, Any], name: str) -> Floats:
    """A curve as an array; NaN where nothing is known."""
    return np.array(document["curve"][name], dtype=np.float64)


def falls(equity: Floats) -> Floats:
    """How far under the highest so far, as a fraction at or below zero."""
    return np.asarray(equity / np.maximum.accumulate(equity) - 1.0, dtype=np.float64)


def rolling_sharpe(equity: Floats, periods: float, window: int = WINDOW) -> Floats:
    """The Sharpe ratio of the last ``window`` returns at each place, NaN before that many."""
    found = np.full(len(equity), np.nan)
    moves = returns_of(equity)
    if len(moves) < window:
        return found
    views = np.lib.stride_tricks.sliding_window_view(moves, window)
    swing = views.std(axis=1, ddof=1)
    with np.errstate(all="ignore"):
        found[window:] = np.where(swing > 0, views.mean(axis=1) / swing, np.nan) * periods**0.5
    return found


def months(document: dict[str, Any]) -> list[tuple[str, list[float | None]]]:
    """Each year with the return of its twelve months and of the year, None where there is none."""
    ends: dict[str, float] = {}
    equity = column(document, "equity")
    for at, value in zip(document["curve"]["at"][1:], equity[1:].tolist(), strict=True):
        ends[at[:7]] = value
    before, rows = float(equity[0]), dict[str, list[float | None]]()
    began: dict[str, float] = {}
    for month, value in ends.items():
        year, number = month[:4], int(month[5:7])
        row = rows.setdefault(year, [None] * 13)
        began.setdefault(year, before)
        row[number - 1] = value / before - 1 if before > 0 else None
        row[12] = value / began[year] - 1 if began[year] > 0 else None
        before = value
    return list(rows.items())


def histogram(equity: Floats) -> tuple[Floats, Floats] | None:
    """Counts and edges of the returns of single bars; None where they are all alike."""
    moves = returns_of(equity)
    moves = moves[np.isfinite(moves)]
    if moves.size < 2 or np.ptp(moves) == 0:
        return None
    edge = float(np.quantile(np.abs(moves), 0.995)) or float(np.abs(moves).max())
    counts, edges = np.histogram(np.clip(moves, -edge, edge), bins=40, range=(-edge, edge))
    return counts.astype(np.float64), edges


def share(part: Floats, equity: Floats) -> Floats:
    """A part of the equity, NaN where that isn't above zero."""
    return np.where(equity > 0, part / np.where(equity > 0, equity, 1.0), np.nan)


def places(at: Sequence[str], fills: Sequence[dict[str, Any]]) -> list[int]:
    """The bar of each fill, counted without the place before the first."""
    moments = np.array([np.datetime64(text[:19]) for text in at[1:]])
    found = np.searchsorted(moments, [np.datetime64(fill["at"][:19]) for fill in fills])
    return [min(int(place), len(moments) - 1) for place in found]
