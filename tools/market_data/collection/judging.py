"""Checks what the store has of a series, and keeps what was found beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tools.domain.errors import DataUnavailable
from tools.market_data.quality.report import document
from tools.market_data.quality.validation import validate
from tools.market_data.store.ranges import Span
from tools.market_data.store.series import FIRST, LAST, Series
from tools.market_data.store.store import MarketStore
from tools.market_data.symbols import listing

BARS_LOOK, TICKS_LOOK = timedelta(days=366), timedelta(days=5)
"""How far back from the latest that was asked for: each fetch checks so much, not decades."""

MOST = 1000
"""Findings that are kept, the worst first; all are counted."""

WORST = {"error": 0, "warning": 1, "note": 2}


def judge(store: MarketStore, series: Series) -> dict[str, Any]:
    """The report that was kept: that of ``data validate``, and ``since``, from when on it looked.

    Daily and longer bars are looked at as a whole, and ``since`` is then None. The series itself
    stays as it is. DataUnavailable where there is nothing to check.
    """
    look = _look(store, series)
    columns = store.read(series, look)
    if not len(columns):
        raise DataUnavailable(f"There is nothing of {series} to check.")
    calendar = listing(series.symbol, series.symbol, "").calendar
    found = document(validate(columns, calendar), calendar)
    worst = sorted(found["findings"], key=lambda f: (WORST[f["severity"]], -f["count"]))[:MOST]
    found["findings_left_out"] = len(found["findings"]) - len(worst)
    found["findings"] = sorted(worst, key=lambda f: f["moment"])
    found["since"] = None if look is None else look.start.isoformat()
    return store.keep_report(series, found)


def _look(store: MarketStore, series: Series) -> Span | None:
    frame, asked = series.timeframe, store.covered(series)
    if not asked or (frame is not None and not frame.intraday):
        return None
    back = TICKS_LOOK if frame is None else BARS_LOOK
    return Span(max(asked[-1].end - back, FIRST), LAST)
