"""ccxt's structures as the house's terms. Its times are milliseconds since 1970 UTC."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Any

import numpy as np

from tools.domain.errors import DataUnavailable
from tools.domain.instrument import Instrument
from tools.domain.market import Bar, Quote, Tick
from tools.domain.timeframe import Timeframe, Unit
from tools.market_data.columns import EPOCH, BarColumns, TickColumns
from tools.market_data.sessions import utc_day
from tools.market_data.symbols import listing

# How ccxt writes a timeframe below a day.
FRAME = re.compile(r"([1-9][0-9]*)([smh])")
# The finest step of prices and quantities that is usual, where the exchange names none.
FINEST = Decimal("0.00000001")
# ccxt's precisionMode in which a precision counts decimal places; mostly it is the step itself.
DECIMAL_PLACES = 2


def number(value: object) -> Decimal | None:
    """An exact number of an answer; None for what is none."""
    try:
        exact = None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None
    return exact if exact is not None and exact.is_finite() else None


def moment(milliseconds: object) -> datetime:
    """Aware UTC; raises TypeError or ValueError for what is no time."""
    return EPOCH + timedelta(milliseconds=int(str(milliseconds)))


def frames_of(told: Iterable[str]) -> dict[Timeframe, str]:
    """The exchange's own timeframes below a day, the shortest first, and how ccxt writes each."""
    found = {
        Timeframe(int(shape[1]), Unit(shape[2])): text
        for text in told
        if (shape := FRAME.fullmatch(text)) is not None
    }
    return dict(sorted(found.items(), key=lambda row: row[0].length))


def instrument_of(symbol: str, told: Mapping[str, Any], venue: str, mode: int) -> Instrument:
    """The listing, with the exchange's steps of price and quantity; ``mode`` is how it gives them.

    Not tradable where the exchange has stopped trading in it.
    """
    steps = told["precision"]
    return replace(
        listing(symbol, symbol, venue),
        tick=_step(steps.get("price"), mode),
        lot=_step(steps.get("amount"), mode),
        tradable=told.get("active") is not False,
    )


def daily_of(symbol: str, rows: Iterable[Sequence[Any]], until: datetime) -> tuple[Bar, ...]:
    """Days that had ended at ``until``; those without a price, or with an odd one, are left out."""
    found: dict[date, Bar] = {}
    for row in rows:
        opened = moment(row[0])
        begins, ends = utc_day(opened.date())
        if opened != begins:
            raise DataUnavailable(
                f"The exchange's day of {symbol} begins at {opened:%H:%M} UTC and not at midnight, "
                "so it can't be told which day it is of: use bars of an hour."
            )
        prices = [number(value) for value in row[1:5]]
        if ends > until or None in prices:
            continue
        o, h, l, c = (value for value in prices if value is not None)  # noqa: E741 - low
        if 0 < l <= min(o, c) and max(o, c) <= h:
            volume = max(number(row[5]) or Decimal(0), Decimal(0))
            found[begins.date()] = Bar(symbol, begins.date(), begins, ends, o, h, l, c, volume)
    return tuple(found[day] for day in sorted(found))


def bars_of(
    symbol: str, source: str, timeframe: Timeframe, rows: Iterable[Sequence[Any]]
) -> BarColumns:
    """Bars by when they opened, known when they closed; none where there is no price."""
    priced = [row for row in rows if None not in [number(value) for value in row[1:5]]]
    start = np.fromiter((int(row[0]) * 1_000_000 for row in priced), np.int64)
    length = int(timeframe.length.total_seconds()) * 1_000_000_000
    columns = [np.fromiter((_float(row[n]) for row in priced), np.float64) for n in range(1, 6)]
    return BarColumns(symbol, source, start + length, timeframe, start, *columns)


def ticks_of(symbol: str, source: str, rows: Sequence[Mapping[str, Any]]) -> TickColumns:
    """Trades, known when the exchange says they happened; ``rows`` are in order."""
    time = np.fromiter((int(row["timestamp"]) * 1_000_000 for row in rows), np.int64)
    price, size = (
        np.fromiter((float(row[name]) for row in rows), np.float64) for name in ("price", "amount")
    )
    return TickColumns(symbol, source, time.copy(), time, price, size)


def tick_of(symbol: str, row: Mapping[str, Any], known: datetime) -> Tick:
    """A trade of the stream; raises ValueError for one without a price, a size or a time."""
    price, size = number(row["price"]), number(row["amount"])
    if price is None or price <= 0 or size is None or size < 0:
        raise ValueError("a trade has a price and a size")
    return Tick(symbol, price, size, min(moment(row["timestamp"]), known), known)


def quote_of(
    symbol: str, source: str, told: Mapping[str, Any], at: datetime, known: datetime
) -> Quote | None:
    """Of a ticker; None without a bid or an ask, or where the one is above the other."""
    bid, ask = number(told.get("bid")), number(told.get("ask"))
    if bid is None or ask is None or not 0 < bid <= ask:
        return None
    return Quote(
        symbol,
        bid,
        ask,
        min(at, known),
        known,
        source,
        simulated=False,
        bid_size=number(told.get("bidVolume")),
        ask_size=number(told.get("askVolume")),
    )


def best_of(book: Mapping[str, Any]) -> dict[str, Any]:
    """The best of an order book, in the words of a ticker."""
    found: dict[str, Any] = {"timestamp": book.get("timestamp")}
    for side, rows in (("bid", book["bids"]), ("ask", book["asks"])):
        if rows:
            found[side], found[f"{side}Volume"] = rows[0][0], rows[0][1]
    return found


def answered_at(headers: Mapping[str, str]) -> datetime | None:
    """When the exchange wrote its answer, to the second (RFC 9110, 6.6.1), a cache's age off."""
    try:
        written = parsedate_to_datetime(headers["Date"]).astimezone(UTC)
        return written - timedelta(seconds=int(headers.get("Age", "0")))
    except (LookupError, TypeError, ValueError, OverflowError):
        return None


def _float(value: object) -> float:
    exact = number(value)
    return np.nan if exact is None else float(exact)


def _step(told: object, mode: int) -> Decimal:
    found = number(told)
    if found is None or (mode != DECIMAL_PLACES and found <= 0):
        return FINEST
    return Decimal(1).scaleb(-int(found)) if mode == DECIMAL_PLACES else found
