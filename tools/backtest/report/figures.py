"""What the page draws, worked out of a run's curve."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tools.backtest.metrics import returns_of
from tools.backtest.report.shapes import Curve, Fill, moments_of
from tools.market_data.columns import Floats

WINDOW, BINS = 126, 20


def falls(equity: Floats) -> Floats:
    """How far under the highest so far, as a fraction; NaN where that isn't above zero."""
    peaks = np.fmax.accumulate(equity)
    return np.asarray(equity / np.where(peaks > 0, peaks, np.nan) - 1.0, dtype=np.float64)


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


def months(curve: Curve) -> list[tuple[str, list[float | None]]]:
    """Each year with the return of its twelve months and of the year, None where there is none."""
    bars = zip(curve.at[1:], curve.equity[1:], strict=True)
    ends = {text[:7]: value or 0.0 for text, value in bars}
    before, rows = curve.equity[0] or 0.0, dict[str, list[float | None]]()
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
    right = np.linspace(0.0, edge, BINS + 1)
    # Exactly 0 in the middle: a bar that didn't move is no loss.
    counts, edges = np.histogram(np.clip(moves, -edge, edge), np.append(-right[:0:-1], right))
    return counts.astype(np.float64), edges


def share(part: Floats, equity: Floats) -> Floats:
    """A part of the equity, NaN where that isn't above zero."""
    return np.where(equity > 0, part / np.where(equity > 0, equity, 1.0), np.nan)


def places(curve: Curve, fills: Sequence[Fill]) -> list[int]:
    """The bar of each fill, counted without the place before the first."""
    if not fills:
        return []
    found = np.searchsorted(curve.moments, moments_of([fill.at for fill in fills]))
    return [min(int(place), len(curve.moments) - 1) for place in found]
