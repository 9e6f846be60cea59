"""What yfinance returns becomes bars as they were traded, and a listing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from tools.domain.actions import Dividend, StockSplit
from tools.domain.errors import DataUnavailable
from tools.domain.instrument import AssetClass, Instrument
from tools.domain.market import Bar
from tools.domain.money import plain
from tools.market_data.feeds.corporate import dividend, split
from tools.market_data.sessions import session_times
from tools.market_data.symbols import INDIAN, listing, pair

if TYPE_CHECKING:
    import pandas as pd

SETTLED = timedelta(minutes=30)
"""A bar is taken this long after its close: until then Yahoo may still change it."""

NEW_YORK, INDIA = "America/New_York", "Asia/Kolkata"
TRADED = ("EQUITY", "ETF")
META = (
    "longName",
    "shortName",
    "fullExchangeName",
    "exchangeName",
    "exchangeTimezoneName",
    "currency",
    "instrumentType",
)
"""What ``instrument_of`` reads of the metadata."""
PRICES = ["Open", "High", "Low", "Close"]


def bars_of(frame: pd.DataFrame, instrument: Instrument, wall: datetime) -> tuple[Bar, ...]:
    """Daily bars from ``history(interval="1d", auto_adjust=False, actions=True)``.

    Yahoo's prices have every later split taken out; multiplying by the splits after each day (and
    dividing its volume) gives them as traded. Days with a missing, zero or impossible price are
    left out, and so is a session that has not settled at ``wall`` (aware UTC). Prices are rounded
    to seven significant digits or two decimals, whichever is finer: they come as 32-bit floats.
    """
    rows = frame.dropna(subset=[*PRICES, "Adj Close"])
    rows = rows[~rows.index.duplicated(keep="last")].sort_index()
    later_splits = 1.0
    found: list[Bar] = []
    for stamp, row in zip(reversed(rows.index), rows.iloc[::-1].to_dict("records"), strict=True):
        opened, high, low, close = (float(row[name]) * later_splits for name in PRICES)
        volume = float(row["Volume"]) / later_splits
        split = float(row.get("Stock Splits", 0.0))
        if split > 0:
            later_splits *= split
        if not 0 < low <= min(opened, close) or not max(opened, close) <= high < math.inf:
            continue
        adjusted = float(row["Adj Close"])
        opens, closes = session_times(instrument.calendar, stamp.date())
        if closes + SETTLED > wall or adjusted <= 0:
            continue
        found.append(
            Bar(
                instrument.symbol,
                stamp.date(),
                opens,
                closes,
                _exact(opened),
                _exact(high),
                _exact(low),
                _exact(close),
                Decimal(round(volume)) if volume > 0 else Decimal(0),
                Decimal(repr(adjusted)),
            )
        )
    return tuple(reversed(found))


def dividends_of(frame: pd.DataFrame, instrument: Instrument) -> tuple[Dividend, ...]:
    """The dividends of the same frame as they were paid: later splits are taken out of Yahoo's."""
    rows = frame[~frame.index.duplicated(keep="last")].sort_index()
    later_splits = 1.0
    found: list[Dividend] = []
    for stamp, row in zip(reversed(rows.index), rows.iloc[::-1].to_dict("records"), strict=True):
        amount = float(row.get("Dividends", 0.0)) * later_splits
        split = float(row.get("Stock Splits", 0.0))
        if 0 < amount < math.inf:
            found.append(dividend(instrument, stamp.date(), _exact(amount)))
        if split > 0:
            later_splits *= split
    return tuple(reversed(found))


def splits_of(frame: pd.DataFrame, instrument: Instrument) -> tuple[StockSplit, ...]:
    """The splits of the same frame."""
    if "Stock Splits" not in frame:
        return ()
    told = frame["Stock Splits"]
    told = told[~told.index.duplicated(keep="last") & (told > 0) & (told != 1)].sort_index()
    return tuple(
        split(instrument, stamp.date(), Decimal(repr(float(ratio))))
        for stamp, ratio in zip(told.index, told, strict=True)
        if ratio < math.inf
    )


def instrument_of(symbol: str, meta: Mapping[str, object]) -> Instrument:
    """The listing from the answer's ``meta``; an index is not tradable.

    Raises DataUnavailable for what trades neither in US dollars on New York's hours nor in rupees
    on India's: its sessions are not known here yet.
    """
    name = str(meta.get("longName") or meta.get("shortName") or symbol)
    venue = str(meta.get("fullExchangeName") or meta.get("exchangeName") or "Yahoo")
    if pair(symbol):
        return listing(symbol, name, venue)
    zone, currency = meta.get("exchangeTimezoneName"), meta.get("currency")
    if symbol.endswith(tuple(INDIAN)) and zone == INDIA and currency == "INR":
        return replace(listing(symbol, name, venue), tradable=meta.get("instrumentType") in TRADED)
    if zone != NEW_YORK or currency != "USD":
        raise DataUnavailable(
            f"Yahoo lists {symbol} in {currency} on the hours of {zone}; only US dollar listings "
            "on New York's hours, and those of India on .NS and .BO, can be used so far."
        )
    tradable = meta.get("instrumentType") in TRADED
    return Instrument(symbol, name, venue, AssetClass.EQUITY, "USD", tradable=tradable)


def yahoo_symbol(symbol: str) -> str:
    """Yahoo's spelling: BTC/USD is BTC-USD there, EUR/USD is EURUSD=X."""
    parts = pair(symbol)
    if parts is None:
        return symbol
    forex = listing(symbol, symbol, "").asset_class is AssetClass.FOREX
    return f"{parts[0]}{parts[1]}=X" if forex else f"{parts[0]}-{parts[1]}"


def _exact(value: float) -> Decimal:
    """A float as the price it stands for."""
    decimals = max(2, 6 - math.floor(math.log10(value)))
    return Decimal(plain(Decimal(f"{value:.{min(decimals, 12)}f}")))
