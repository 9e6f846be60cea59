"""OANDA's JSON of listings, candles and prices as the house's terms; all moments aware UTC."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, TypeVar

import numpy as np
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from tools.domain.errors import DataUnavailable
from tools.domain.instrument import AssetClass, Instrument
from tools.domain.market import Bar, Quote
from tools.domain.timeframe import Timeframe, Unit
from tools.market_data.columns import BarColumns, Floats, nanoseconds
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.sessions import FOREX_TURN, NEW_YORK, forex_day, trading_day

SOURCE = "oanda"
CALENDAR = "24/5"
# A CFD has no expiry, stands on margin and pays financing: so does a perpetual, and the gate wants
# to know as much of it.
CLASSES = {
    "CURRENCY": AssetClass.FOREX,
    "METAL": AssetClass.FOREX,
    "CFD": AssetClass.PERPETUAL,
}
WORDS = {Unit.SECOND: "S", Unit.MINUTE: "M", Unit.HOUR: "H"}

Number = Annotated[Decimal, Field(gt=0, lt=10**12, allow_inf_nan=False)]
Places = Annotated[int, Field(ge=0, le=12)]
M = TypeVar("M")


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Listed(_Told):
    """What the account may trade; ``type`` is CURRENCY, METAL or CFD."""

    name: str
    type: str
    displayName: str = ""  # noqa: N815 - OANDA's name
    displayPrecision: Places  # noqa: N815
    tradeUnitsPrecision: Places  # noqa: N815


class Prices(_Told):
    """Open, high, low and close, each halfway between bid and ask."""

    o: Number
    h: Number
    l: Number  # noqa: E741 - OANDA's name
    c: Number


class Candle(_Told):
    """One bar; ``time`` is when it began. One that still forms is not ``complete``."""

    time: AwareDatetime
    complete: bool
    mid: Prices


class Bucket(_Told):
    """A price, and how many units may be dealt at it."""

    price: Number
    liquidity: Decimal = Field(ge=0, allow_inf_nan=False)


class Price(_Told):
    """The account's bids and asks; ``tradeable`` says whether OANDA deals now."""

    instrument: str
    time: AwareDatetime
    tradeable: bool
    bids: tuple[Bucket, ...] = ()
    asks: tuple[Bucket, ...] = ()


LISTINGS = TypeAdapter(list[Listed])
CANDLES = TypeAdapter(list[Candle])
PRICES = TypeAdapter(list[Price])


def read(kind: TypeAdapter[M], answer: object, part: str) -> M:
    """A part of an answer; Unanswered where it is not as documented."""
    try:
        return kind.validate_python(answer[part] if isinstance(answer, dict) else None)
    except (KeyError, ValidationError):
        raise Unanswered(
            f"OANDA's answer can't be read: its {part} are not as documented."
        ) from None


def oanda_name(symbol: str) -> str | None:
    """OANDA's spelling of a canonical pair: EUR/USD is EUR_USD; None for what is no pair."""
    base, _, quoted = symbol.partition("/")
    return f"{base}_{quoted}" if base and quoted and "/" not in quoted else None


def granularity(timeframe: Timeframe) -> str:
    """OANDA's word for a timeframe below a day: 5m is M5."""
    return f"{WORDS[timeframe.unit]}{timeframe.count}"


def instrument_of(symbol: str, told: Listed) -> Instrument | None:
    """The listing; None for a kind that nobody knows yet."""
    kind = CLASSES.get(told.type)
    if kind is None:
        return None
    return Instrument(
        symbol,
        told.displayName or symbol,
        "OANDA",
        kind,
        symbol.rpartition("/")[2],
        tick=Decimal(1).scaleb(-told.displayPrecision),
        lot=Decimal(1).scaleb(-told.tradeUnitsPrecision),
        calendar=CALENDAR,
        flags=("cfd",) if told.type == "CFD" else (),
    )


def daily_of(symbol: str, candles: Iterable[Candle], wall: datetime) -> tuple[Bar, ...]:
    """Finished days from five to five in New York; days with an impossible price are left out.

    The volume is zero, which is said of currencies everywhere here: OANDA counts its own prices and
    no trades. DataUnavailable when a day begins at another hour, since it is then not known which
    session it is of.
    """
    found: dict[object, Bar] = {}
    for one in candles:
        begins = one.time.astimezone(NEW_YORK)
        if begins.time() != FOREX_TURN:
            raise DataUnavailable(
                f"OANDA's day of {symbol} begins at {begins:%H:%M %Z} and not at 17:00, so it "
                "can't be told which session it is of."
            )
        session, prices = trading_day(CALENDAR, one.time), one.mid
        opens, closes = forex_day(session)
        if one.complete and closes <= wall and _possible(prices):
            found[session] = Bar(
                symbol, session, opens, closes, *_four(prices), volume=Decimal(0)
            )  # fmt: skip
    return tuple(found.values())


def bars_of(symbol: str, timeframe: Timeframe, candles: Sequence[Candle]) -> BarColumns:
    """Finished bars of a timeframe below a day, known when they closed; the volume is NaN."""
    rows = [one for one in candles if one.complete and _possible(one.mid)]
    start = np.array([nanoseconds(one.time) for one in rows], np.int64)
    length = int(timeframe.length.total_seconds()) * 10**9
    columns: list[Floats] = [
        np.array([float(getattr(one.mid, name)) for one in rows], np.float64) for name in "ohlc"
    ]
    columns.append(np.full(len(rows), np.nan))
    return BarColumns(symbol, SOURCE, start + length, timeframe, start, *columns)


def quote_of(symbol: str, told: Price, known_at: datetime) -> Quote | None:
    """The best bid and ask with their sizes; None where a side is missing or they cross."""
    bid = max(told.bids, key=lambda one: one.price, default=None)
    ask = min(told.asks, key=lambda one: one.price, default=None)
    if bid is None or ask is None or bid.price > ask.price:
        return None
    return Quote(
        symbol,
        bid.price,
        ask.price,
        min(told.time.astimezone(UTC), known_at),
        known_at,
        SOURCE,
        simulated=False,
        bid_size=bid.liquidity,
        ask_size=ask.liquidity,
    )


def _four(prices: Prices) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    return prices.o, prices.h, prices.l, prices.c


def _possible(prices: Prices) -> bool:
    return prices.l <= min(prices.o, prices.c) and max(prices.o, prices.c) <= prices.h
