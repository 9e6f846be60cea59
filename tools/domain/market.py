"""Market data, each datum with the moment it happened and the first moment one could act on it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from tools.domain.errors import InputError
from tools.domain.making import quickly_made


def aware_utc(moment: datetime, what: str = "moment") -> datetime:
    """The same instant in UTC; raises InputError when it has no time zone."""
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        raise InputError(f"{what} needs a time zone, was {moment.isoformat()}")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise InputError(f"{what} is beyond the calendar: {moment.isoformat()}") from None


@dataclass(frozen=True, slots=True)
class Bar:
    """One session's prices as traded (raw), in the instrument's currency.

    ``event_time`` is the session's open and ``known_at`` its close, aware UTC. ``adjusted_close``
    is the close with later splits and dividends taken out, None where the feed does not say. Of a
    bar of a stream, ``ends`` is when it ended, where it was known later than that, and ``source``
    who made it.
    """

    symbol: str
    session: date
    event_time: datetime
    known_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    adjusted_close: Decimal | None = None
    ends: datetime | None = field(default=None, kw_only=True)
    source: str = field(default="", kw_only=True)


@quickly_made
@dataclass(frozen=True, slots=True)
class Quote:
    """The best bid and ask at ``event_time`` (aware UTC).

    ``simulated`` says that it was made from a bar's close and a spread, not seen in a market: its
    sizes are then no orders that anybody showed either. ``bid_size`` and ``ask_size`` are the
    quantity on offer at each, None where nobody says.
    """

    symbol: str
    bid: Decimal
    ask: Decimal
    event_time: datetime
    known_at: datetime
    source: str
    simulated: bool
    bid_size: Decimal | None = None
    ask_size: Decimal | None = None

    @property
    def mid(self) -> Decimal:
        """Halfway between bid and ask."""
        return (self.bid + self.ask) / 2


@dataclass(frozen=True, slots=True)
class Tick:
    """One trade of ``size`` at ``price`` that somebody made at ``event_time`` (aware UTC)."""

    symbol: str
    price: Decimal
    size: Decimal
    event_time: datetime
    known_at: datetime


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A trade that its exchange cancelled, or that should have been at another price or size.

    ``event_time``, ``price`` and ``size`` are those of the trade as it was told, ``known_at`` is
    when this was (aware UTC). Both of the others are None for a cancelled trade.
    """

    symbol: str
    price: Decimal
    size: Decimal
    event_time: datetime
    known_at: datetime
    right_price: Decimal | None = None
    right_size: Decimal | None = None


@quickly_made
@dataclass(frozen=True, slots=True)
class AsOf:
    """The bars of one symbol as they were known at ``now``: the future is not in the object.

    Bars are oldest first. ``feed`` names where they came from; ``notice`` is a sentence when that
    is a fallback, else empty.
    """

    symbol: str
    now: datetime
    bars: tuple[Bar, ...]
    feed: str
    notice: str = ""

    @classmethod
    def cut(
        cls, symbol: str, bars: Sequence[Bar], now: datetime, feed: str, notice: str = ""
    ) -> AsOf:
        """Everything of ``bars`` (ordered by ``known_at``) that was known at ``now``."""
        now = aware_utc(now, "now")
        end = bisect_right(bars, now, key=lambda bar: bar.known_at)
        return cls(symbol, now, tuple(bars[:end]), feed, notice)
