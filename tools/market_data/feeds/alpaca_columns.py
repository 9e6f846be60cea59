"""Alpaca's rows of bars, trades and quotes as columns, raw. Its times are RFC 3339 to nanoseconds.

What isn't as documented raises Unanswered; impossible prices (no bid, a bid above the ask) are kept
for the quality checks to judge.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from tools.domain.timeframe import Timeframe
from tools.market_data.columns import (
    BarColumns,
    Floats,
    QuoteColumns,
    TickColumns,
    Times,
    nanoseconds,
)
from tools.market_data.feeds.rest import documented
from tools.market_data.sessions import NEW_YORK
from tools.market_data.symbols import pair

SOURCE = "alpaca"
# Before this day the sizes of quotes of shares count round lots, of a size that isn't told.
SIZES_IN_SHARES = nanoseconds(datetime(2025, 11, 3, tzinfo=NEW_YORK))
_FRACTION = re.compile(r"\.\d{6}(\d{1,3})")


def bars_of(symbol: str, timeframe: Timeframe, rows: Sequence[Any]) -> BarColumns:
    """Bars below a day, known when they closed; of two that opened together the later row."""
    with documented("Alpaca"):
        found = {_nanoseconds(row["t"]): row for row in rows}
        start = np.array(sorted(found), np.int64)
        rows = [found[at] for at in sorted(found)]
        length = int(timeframe.length.total_seconds()) * 1_000_000_000
        columns = [_floats(rows, name) for name in "ohlcv"]
        return BarColumns(symbol, SOURCE, start + length, timeframe, start, *columns)


def trades_of(symbol: str, rows: Sequence[Any]) -> TickColumns:
    """Trades, known when they happened; those taken back later are there as reported."""
    with documented("Alpaca"):
        at, rows = _ordered(rows)
        return TickColumns(symbol, SOURCE, at, at.copy(), _floats(rows, "p"), _floats(rows, "s"))


def quotes_of(symbol: str, rows: Sequence[Any]) -> QuoteColumns:
    """Best bids and asks; sizes are NaN where they count round lots."""
    with documented("Alpaca"):
        at, rows = _ordered(rows)
        bid_size, ask_size = _floats(rows, "bs"), _floats(rows, "as")
        if not pair(symbol):
            bid_size[at < SIZES_IN_SHARES] = ask_size[at < SIZES_IN_SHARES] = np.nan
        bid, ask = _floats(rows, "bp"), _floats(rows, "ap")
        return QuoteColumns(symbol, SOURCE, at, at.copy(), bid, ask, bid_size, ask_size)


def _ordered(rows: Sequence[Any]) -> tuple[Times, list[Any]]:
    """By time; what is of one nanosecond stays as it came."""
    at = np.array([_nanoseconds(row["t"]) for row in rows], np.int64)
    order = np.argsort(at, kind="stable")
    return at[order], [rows[place] for place in order]


def _nanoseconds(text: str) -> int:
    """Since 1970 UTC; ValueError without a time zone, TypeError for what is no text."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    finer = _FRACTION.search(text)
    return nanoseconds(moment) + (int(finer[1].ljust(3, "0")) if finer else 0)


def _floats(rows: Sequence[Any], name: str) -> Floats:
    """Numbers come as text or integers, so that true and null are none."""
    found = [row[name] for row in rows]
    if not all(type(value) in (str, int) for value in found):
        raise TypeError(name)
    numbers = np.array([float(value) for value in found], np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError(name)
    return numbers
