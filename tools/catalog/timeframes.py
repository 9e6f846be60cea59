"""Bars other than daily ones, as JSON."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from tools.catalog.rendering import instant, text
from tools.domain.errors import DataUnavailable
from tools.domain.timeframe import Timeframe
from tools.market_data.bars import BarData
from tools.market_data.columns import moment_of
from tools.market_data.store.fetching import longest

FIGURES = ("open", "high", "low", "close", "volume")


def last_bars(
    market: BarData, symbol: str, frame: Timeframe, at: datetime, limit: int
) -> dict[str, Any]:
    """The last ``limit`` bars known at ``at``; DataUnavailable when there is none at all."""
    found = market.bars(symbol, frame, at - _reach(frame, limit), at, at)
    bars = found.columns.rows(max(len(found.columns) - limit, 0), len(found.columns))
    if not len(bars):
        raise DataUnavailable(
            f"There are no {frame} bars of {bars.symbol} in the time before "
            f"{found.now:%Y-%m-%d %H:%M} UTC from {found.feed}."
        )
    rows = [
        {"start": instant(moment_of(start)), "known": instant(moment_of(known))}
        | {name: _figure(getattr(bars, name)[i]) for name in FIGURES}
        for i, (start, known) in enumerate(zip(bars.start, bars.known, strict=True))
    ]
    return {
        "symbol": bars.symbol,
        "timeframe": str(frame),
        "as_of": instant(found.now),
        "feed": found.feed,
        "notice": found.notice,
        "session": moment_of(bars.start[-1]).date().isoformat(),
        "count": len(bars),
        "bars": rows,
    }


def _reach(frame: Timeframe, limit: int) -> timedelta:
    """How far back so many bars surely are: a session may be a quarter of a day, a week five."""
    if not frame.intraday:
        return longest(frame) * (limit + 1)
    return min(frame.length * limit * 6 + timedelta(days=5), timedelta(days=20_000))


def _figure(value: np.float64) -> str | None:
    """Canonical text, None where there is no number."""
    return text(Decimal(repr(float(value)))) if np.isfinite(value) else None
