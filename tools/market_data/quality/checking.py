"""A person's file, or a feed's daily bars, checked: the document that ``report`` makes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from tools.domain.errors import DataUnavailable, InputError
from tools.domain.market import AsOf, Bar
from tools.domain.timeframe import DAILY
from tools.market_data.columns import BarColumns, Columns, Floats, QuoteColumns, nanoseconds
from tools.market_data.quality.finding import Finding, Kind, Severity, Treatment
from tools.market_data.quality.report import document
from tools.market_data.quality.validation import validate_bars, validate_quotes, validate_trades
from tools.market_data.reading.daily import read_bars
from tools.market_data.reading.naming import named
from tools.market_data.reading.series import read_series
from tools.market_data.reading.tables import read_table
from tools.market_data.symbols import listing

OLDEST, NEWEST = date(1700, 1, 1), date(2200, 1, 1)
"""Nanoseconds in 64 bits go from 1677 to 2262."""


def check_file(path: Path) -> dict[str, Any]:
    """By its name, as ``reading.naming``; DataUnavailable where it can't be read as that."""
    name = named(path)
    if name is None:
        raise InputError(
            f"{path.name} does not say what it holds: call it SYMBOL.csv (daily bars), "
            "SYMBOL_1m.csv, SYMBOL.trades.csv or SYMBOL.quotes.csv, or .parquet."
        )
    listed = listing(name.symbol, name.symbol, "FILE")
    if name.timeframe == DAILY:
        bars, said = read_bars(read_table(path), listed)
        columns, adjusted = daily(name.symbol, f"file:{path.name}", bars)
        notes = _told(said, columns)
        return document(validate_bars(columns, listed.calendar, adjusted, notes), listed.calendar)
    read = read_series(path, name)
    notes = _told(read.notes, read.columns)
    if isinstance(read.columns, BarColumns):
        checked = validate_bars(read.columns, listed.calendar, notes=notes)
        return document(checked, listed.calendar)
    if isinstance(read.columns, QuoteColumns):
        return document(validate_quotes(read.columns, notes), listed.calendar)
    return document(validate_trades(read.columns, notes), listed.calendar)


def _told(notes: Sequence[str], columns: Columns) -> list[Finding]:
    """What was written in another way than ours, as findings that cost nothing."""
    none, first = np.arange(0), int(columns.known[0])
    return [
        Finding(Kind.FORMAT, Severity.NOTE, Treatment.REPAIRED, none, first, one) for one in notes
    ]


def check_history(history: AsOf, calendar: str) -> dict[str, Any]:
    """Daily bars as a feed gave them."""
    columns, adjusted = daily(history.symbol, history.feed, history.bars)
    return document(validate_bars(columns, calendar, adjusted), calendar)


def daily(symbol: str, source: str, bars: Sequence[Bar]) -> tuple[BarColumns, Floats | None]:
    """Daily bars as columns, and their adjusted closes where every bar has one.

    Where no bar has a volume, nobody said any: it is NaN. Raises DataUnavailable for bars
    beyond ``OLDEST`` and ``NEWEST``.
    """

    for bar in (bars[0], bars[-1]) if bars else ():
        if not OLDEST <= bar.session < NEWEST:
            raise DataUnavailable(
                f"{source}: the session {bar.session} is not between {OLDEST} and {NEWEST}."
            )

    def column(name: str) -> Floats:
        return np.array([float(getattr(bar, name)) for bar in bars], np.float64)

    volume = column("volume")
    ordered = BarColumns(
        symbol,
        source,
        np.array([nanoseconds(bar.known_at) for bar in bars], np.int64),
        DAILY,
        np.array([nanoseconds(bar.event_time) for bar in bars], np.int64),
        column("open"),
        column("high"),
        column("low"),
        column("close"),
        volume if volume.any() else np.full(len(bars), np.nan),
    )
    whole = all(bar.adjusted_close is not None for bar in bars)
    return ordered, column("adjusted_close") if whole and bars else None
