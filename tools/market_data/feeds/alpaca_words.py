"""Alpaca's JSON of listings, bars, quotes and hours, as the house's terms; all moments aware UTC.

Numbers come as text or integers, so that they stay exact. What can't be read is DataUnavailable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from tools.domain.errors import DataUnavailable
from tools.domain.instrument import AssetClass, Instrument
from tools.domain.market import Bar
from tools.domain.status import Borrow
from tools.market_data.sessions import NEW_YORK, ROUND_THE_CLOCK, session_times
from tools.market_data.symbols import listing, pair

# A bar is taken this long after its close: until then late trades may still change it.
SETTLED = timedelta(minutes=30)
# The price steps of US shares, from a dollar up and below.
CENT, SUBPENNY = Decimal("0.01"), Decimal("0.0001")
# Alpaca counts parts of a share to nine decimals.
SHARE, PART = Decimal(1), Decimal("0.000000001")


def _exact(value: Any) -> Any:
    if isinstance(value, bool | float):
        raise ValueError("a number comes as text or as an integer")
    return value


Number = Annotated[
    Decimal, BeforeValidator(_exact), Field(ge=0, lt=10**15, allow_inf_nan=False, decimal_places=18)
]
Hour = Annotated[str, StringConstraints(pattern=r"^\d\d:?\d\d$")]
M = TypeVar("M", bound=BaseModel)


class Told(BaseModel):
    """What Alpaca says, of which more is told than is read."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Asset(Told):
    """How Alpaca lists a symbol."""

    symbol: str
    name: str = ""
    kind: str = Field(alias="class")
    exchange: str = ""
    status: str
    tradable: bool
    shortable: bool = False
    easy_to_borrow: bool | None = None
    borrow_status: str | None = None
    fractionable: bool = False
    price_increment: Number | None = None
    min_trade_increment: Number | None = None
    attributes: tuple[str, ...] = ()

    @property
    def borrow(self) -> Borrow:
        """Whether it can be sold short, and how easily."""
        if not self.shortable:
            return Borrow.NONE
        if self.borrow_status is None:
            return Borrow.EASY if self.easy_to_borrow else Borrow.HARD
        return Borrow.EASY if self.borrow_status == "easy_to_borrow" else Borrow.HARD


class Row(Told):
    """One bar; ``t`` is when it began."""

    t: AwareDatetime
    o: Number
    h: Number
    l: Number  # noqa: E741 - Alpaca's name
    c: Number
    v: Number


class LatestQuote(Told):
    """The best bid and ask with their sizes; a price of zero is none. ``c`` are its conditions."""

    t: AwareDatetime
    bp: Number
    bs: Number
    ap: Number
    as_: Number = Field(alias="as")
    c: tuple[str, ...] | None = None


class LatestTrade(Told):
    """The last trade; ``u`` says that it was taken back or corrected."""

    t: AwareDatetime
    p: Number
    u: str | None = None


class Snapshot(Told):
    """The latest of each; None where there was none yet. ``dailyBar`` may be of an earlier day."""

    latestQuote: LatestQuote | None = None  # noqa: N815 - Alpaca's name
    latestTrade: LatestTrade | None = None  # noqa: N815
    dailyBar: Row | None = None  # noqa: N815


class MarketClock(Told):
    """Whether the regular session is open, and when that changes."""

    is_open: bool
    next_open: AwareDatetime
    next_close: AwareDatetime


class Day(Told):
    """A session's day with the hours of trading outside the regular session, New York's time."""

    date: date
    session_open: Hour
    session_close: Hour


def read(model: type[M], body: Any) -> M:
    """The answer as a ``model``; DataUnavailable for one that isn't."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, e["loc"])) for e in error.errors()[:3])
        raise DataUnavailable(f"Alpaca's answer can't be read ({fields or 'all of it'}).") from None


def instrument_of(symbol: str, asset: Asset, last: Decimal | None) -> Instrument | None:
    """The listing; None for what is neither a share nor a coin.

    ``last`` is the last price: below a dollar shares trade in hundredths of a cent.
    """
    name, parts = asset.name or symbol, pair(symbol)
    if asset.kind == "crypto" and parts is not None:
        implied = listing(symbol, name, asset.exchange)
        return Instrument(
            symbol,
            name,
            "Alpaca",
            AssetClass.CRYPTO,
            parts[1],
            tick=asset.price_increment or implied.tick,
            lot=asset.min_trade_increment or implied.lot,
            calendar="24/7",
            tradable=asset.tradable,
            flags=asset.attributes,
        )
    if asset.kind != "us_equity":
        return None
    otc = ("otc",) if asset.exchange == "OTC" else ()
    return Instrument(
        symbol,
        name,
        asset.exchange or "Alpaca",
        AssetClass.EQUITY,
        "USD",
        tick=SUBPENNY if last is not None and last < 1 else CENT,
        lot=PART if asset.fractionable else SHARE,
        tradable=asset.tradable,
        flags=(*otc, *asset.attributes),
    )


def bars_of(
    symbol: str,
    calendar: str,
    rows: Iterable[Any],
    adjusted: Mapping[date, Decimal],
    wall: datetime,
) -> tuple[Bar, ...]:
    """Settled daily bars, oldest first. Days with an impossible price are left out.

    Raises DataUnavailable when a day begins elsewhere than at midnight of the calendar's zone: such
    a bar would be taken for known before it is.
    """
    found: dict[date, Bar] = {}
    for row in (read(Row, body) for body in rows):
        day = day_of(symbol, calendar, row)
        opens, closes = session_times(calendar, day)
        if not 0 < row.l <= min(row.o, row.c) or max(row.o, row.c) > row.h:
            continue
        if closes + SETTLED > wall:
            continue
        after = adjusted.get(day)
        found[day] = Bar(symbol, day, opens, closes, row.o, row.h, row.l, row.c, row.v, after)
    return tuple(found[day] for day in sorted(found))


def adjusted_of(symbol: str, calendar: str, rows: Iterable[Any]) -> dict[date, Decimal]:
    """Closes by session, of bars with splits and dividends taken out."""
    told = (read(Row, body) for body in rows)
    return {day_of(symbol, calendar, row): row.c for row in told if row.c > 0}


def day_of(symbol: str, calendar: str, row: Row) -> date:
    """The session that a daily bar is of."""
    begins = row.t.astimezone(UTC if calendar in ROUND_THE_CLOCK else NEW_YORK)
    if (begins.hour, begins.minute, begins.second) != (0, 0, 0):
        raise DataUnavailable(
            f"Alpaca's day of {symbol} begins at {begins:%H:%M %Z} and not at midnight, so it "
            "can't be told which session it is of."
        )
    return begins.date()
