"""Polygon's rows as the house's terms. Its times are milliseconds or nanoseconds since 1970 UTC."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from tools.domain.errors import DataUnavailable
from tools.domain.instrument import AssetClass, Instrument, OptionTerms, Right
from tools.domain.market import Bar
from tools.domain.options import OptionQuote
from tools.domain.timeframe import Timeframe
from tools.market_data.columns import (
    EPOCH,
    BarColumns,
    Floats,
    QuoteColumns,
    TickColumns,
    Times,
    moment_of,
)
from tools.market_data.feeds.polygon_source import number
from tools.market_data.sessions import NEW_YORK, ROUND_THE_CLOCK, session_times
from tools.market_data.symbols import listing, pair

SOURCE = "polygon"
# A daily bar is taken this long after its close: until then late trades may still change it.
SETTLED = timedelta(minutes=30)
RIGHTS = {"call": Right.CALL, "put": Right.PUT}
MISSING = float("nan")


def polygon_symbol(symbol: str) -> str:
    """Polygon's spelling: BTC/USD is X:BTCUSD there, EUR/USD is C:EURUSD, BRK-B is BRK.B."""
    parts = pair(symbol)
    if parts is None:
        return symbol.replace("-", ".")
    forex = listing(symbol, symbol, "").asset_class is AssetClass.FOREX
    return f"{'C' if forex else 'X'}:{parts[0]}{parts[1]}"


def instrument_of(symbol: str, told: Any) -> Instrument | None:
    """The listing; None for another symbol's, or what is neither share, coin nor currency."""
    if told.ticker != polygon_symbol(symbol):
        return None
    name, venue = str(told.name or symbol), str(told.primary_exchange or "Polygon")
    if pair(symbol):
        return listing(symbol, name, "Polygon")
    if told.market not in ("stocks", "otc") or str(told.currency_name).upper() != "USD":
        return None
    flags = ("otc",) if told.market == "otc" else ()
    active = told.active is True
    return Instrument(symbol, name, venue, AssetClass.EQUITY, "USD", tradable=active, flags=flags)


def daily_of(
    listed: Instrument, raw: Iterable[Any], split: Iterable[Any], wall: datetime
) -> tuple[Bar, ...]:
    """Settled daily bars as traded, oldest first; days with an impossible price are left out.

    ``split`` are the same bars with later splits taken out: their closes are the adjusted ones.
    """
    adjusted = {day_of(listed, row): number(row.close) for row in split}
    found: dict[date, Bar] = {}
    for row in raw:
        day = day_of(listed, row)
        opens, closes = session_times(listed.calendar, day)
        prices = [number(value) for value in (row.open, row.high, row.low, row.close)]
        if closes + SETTLED > wall or None in prices:
            continue
        o, h, l, c = (value for value in prices if value is not None)  # noqa: E741 - low
        if not 0 < l <= min(o, c) or max(o, c) > h:
            continue
        volume = number(row.volume) or Decimal(0)
        after = adjusted.get(day)
        found[day] = Bar(
            listed.symbol, day, opens, closes, o, h, l, c, max(volume, Decimal(0)), after
        )
    return tuple(found[day] for day in sorted(found))


def day_of(listed: Instrument, row: Any) -> date:
    """The session of a daily bar; DataUnavailable when it begins elsewhere than at midnight."""
    zone = UTC if listed.calendar in ROUND_THE_CLOCK else NEW_YORK
    begins = (EPOCH + timedelta(milliseconds=int(row.timestamp))).astimezone(zone)
    if (begins.hour, begins.minute) != (0, 0):
        raise DataUnavailable(
            f"Polygon's day of {listed.symbol} begins at {begins:%H:%M %Z} and not at midnight, so "
            "it can't be told which session it is of."
        )
    return begins.date()


def bars_of(symbol: str, timeframe: Timeframe, rows: Sequence[Any]) -> BarColumns:
    """Bars of a timeframe below a day, by when they opened, known when they closed."""
    rows = sorted(rows, key=lambda row: int(row.timestamp))
    start = _times(int(row.timestamp) * 1_000_000 for row in rows)
    length = int(timeframe.length.total_seconds()) * 1_000_000_000
    columns = [_floats(rows, name) for name in ("open", "high", "low", "close", "volume")]
    return BarColumns(symbol, SOURCE, start + length, timeframe, start, *columns)


def trades_of(symbol: str, rows: Sequence[Any]) -> TickColumns:
    """Trades, known when the tape reported them; corrected ones are there as reported."""
    rows = sorted(rows, key=_reported)
    return TickColumns(
        symbol,
        SOURCE,
        _times(map(_reported, rows)),
        _times(map(_happened, rows)),
        _floats(rows, "price"),
        _floats(rows, "size"),
    )


def quotes_of(symbol: str, rows: Sequence[Any]) -> QuoteColumns:
    """Best bids and asks of all exchanges.

    Sizes are left out: whether they count shares or round lots has changed and is not in the data.
    """
    rows = sorted(rows, key=_reported)
    nobody = np.full(len(rows), MISSING)
    return QuoteColumns(
        symbol,
        SOURCE,
        _times(map(_reported, rows)),
        _times(map(_happened, rows)),
        _floats(rows, "bid_price"),
        _floats(rows, "ask_price"),
        nobody,
        nobody.copy(),
    )


def chain_of(underlying: str, rows: Iterable[Any], wall: datetime) -> tuple[OptionQuote, ...]:
    """The contracts of a chain, by expiry, strike and right; odd ones are left out."""
    found = [quote for row in rows if (quote := _contract(underlying, row, wall)) is not None]
    return tuple(
        sorted(found, key=lambda one: (one.terms.expiry, one.terms.strike, one.terms.right))
    )


def _contract(underlying: str, row: Any, wall: datetime) -> OptionQuote | None:
    told, quote, greeks, day = row.details, row.last_quote, row.greeks, row.day
    strike = None if told is None else number(told.strike_price)
    right = None if told is None else RIGHTS.get(str(told.contract_type))
    # Contracts of another size than a hundred shares are what splits and mergers left behind.
    if told is None or strike is None or right is None or told.shares_per_contract != 100:
        return None
    stamps = [
        int(stamp)
        for stamp in (
            getattr(quote, "last_updated", None),
            getattr(row.last_trade, "sip_timestamp", None),
            getattr(day, "last_updated", None),
        )
        if stamp
    ]
    seen = min(moment_of(max(stamps)), wall) if stamps else wall
    terms = OptionTerms(underlying, date.fromisoformat(str(told.expiration_date)), strike, right)
    return OptionQuote(
        str(told.ticker).removeprefix("O:"),
        terms,
        seen,
        wall,
        SOURCE,
        bid=_part(quote, "bid"),
        ask=_part(quote, "ask"),
        bid_size=_part(quote, "bid_size"),
        ask_size=_part(quote, "ask_size"),
        last=_part(row.last_trade, "price"),
        volume=_part(day, "volume"),
        open_interest=_part(row, "open_interest"),
        implied_volatility=_float(row.implied_volatility),
        delta=_float(getattr(greeks, "delta", None)),
        gamma=_float(getattr(greeks, "gamma", None)),
        theta=_float(getattr(greeks, "theta", None)),
        vega=_float(getattr(greeks, "vega", None)),
    )


def _part(part: Any, name: str) -> Decimal | None:
    return number(getattr(part, name, None))


def _reported(row: Any) -> int:
    return int(row.sip_timestamp or row.participant_timestamp)


def _happened(row: Any) -> int:
    return int(row.participant_timestamp or row.sip_timestamp)


def _times(values: Iterable[int]) -> Times:
    return np.fromiter(values, np.int64)


def _floats(rows: Sequence[Any], name: str) -> Floats:
    """NaN where a row says nothing."""
    found = (getattr(row, name) for row in rows)
    return np.fromiter((MISSING if v is None else float(v) for v in found), np.float64)


def _float(value: object) -> float | None:
    exact = number(value)
    return None if exact is None else float(exact)
