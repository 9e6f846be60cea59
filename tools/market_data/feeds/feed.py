"""What a feed may offer: daily bars by symbol, and each of the rest as a protocol of its own.

A feed has the methods of what it offers and no others: ``isinstance(feed, IntradayFeed)`` asks.
Everywhere, ``None`` is "not mine, ask the next feed" and DataUnavailable "mine, but broken".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from tools.domain.document import Observation
from tools.domain.instrument import Instrument
from tools.domain.market import Bar, Quote, TakenBack, Tick
from tools.domain.options import OptionQuote, OptionTrade
from tools.domain.status import Status
from tools.domain.timeframe import Timeframe

if TYPE_CHECKING:
    from tools.market_data.columns import BarColumns, QuoteColumns, TickColumns

Datum = Tick | Quote | Bar | TakenBack
"""What a stream may say."""
Heard = Callable[[Datum], None]


class Feed(Protocol):
    """One source of daily bars. Symbols arrive canonical (see ``tools.market_data.symbols``).

    ``None`` means "not mine, ask the next feed"; DataUnavailable means "mine, but broken" and is
    shown to the person. ``tests/contracts/feed.py`` is the exam that every feed takes.
    """

    @property
    def name(self) -> str:
        """Short, for people: sample, yahoo, files."""
        ...

    @property
    def live(self) -> bool:
        """Whether its newest bars follow the wall clock."""
        ...

    def symbols(self) -> tuple[str, ...]:
        """What can be listed without a network, sorted; a feed may answer for more."""
        ...

    def instrument(self, symbol: str) -> Instrument | None:
        """The listing, None when the feed does not have the symbol."""
        ...

    def bars(self, symbol: str) -> tuple[Bar, ...] | None:
        """Every finished daily bar, oldest first, never empty; None when not there."""
        ...

    def label(self, symbol: str) -> str:
        """Where the symbol's bars come from, as ``AsOf.feed`` shows it: file:IBM.csv."""
        ...

    def latest(self) -> datetime | None:
        """The last moment (aware UTC) the feed knows; None when it is empty or unreachable."""
        ...

    def notice(self) -> str:
        """Why the last question got no answer, as words without a full stop; else empty."""
        ...


@runtime_checkable
class QuotingFeed(Feed, Protocol):
    """A feed that sees the market as it is now; the others' quotes are made from a close.

    Both are about this moment. DataUnavailable as in Feed; None for a symbol that isn't its own.
    """

    def quote(self, symbol: str) -> Quote | None:
        """The latest bid and ask, with their sizes and the exchange's moment."""
        ...

    def status(self, symbol: str) -> Status | None:
        """Whether trading in it goes on, and the session."""
        ...


@runtime_checkable
class IntradayFeed(Protocol):
    """Bars shorter or longer than a day, by the feed's own timeframes."""

    @property
    def timeframes(self) -> tuple[Timeframe, ...]:
        """Those it gives by itself; others are made from them by ``aggregation``."""
        ...

    def range(
        self, symbol: str, timeframe: Timeframe, start: datetime, end: datetime
    ) -> BarColumns | None:
        """Finished bars that opened from ``start`` and were known by ``end``; may be empty."""
        ...


@runtime_checkable
class TradesFeed(Protocol):
    """Each trade."""

    def trades(self, symbol: str, start: datetime, end: datetime) -> TickColumns | None:
        """Trades from ``start`` until before ``end`` (aware), raw, in the feed's order."""
        ...


@runtime_checkable
class QuotesFeed(Protocol):
    """Each change of the best bid and ask."""

    def quotes(self, symbol: str, start: datetime, end: datetime) -> QuoteColumns | None:
        """Quotes from ``start`` until before ``end`` (aware), raw, in the feed's order."""
        ...


@runtime_checkable
class OptionsFeed(Protocol):
    """Option chains as they are now."""

    def chain(self, underlying: str) -> tuple[OptionQuote, ...] | None:
        """Every listed contract, by expiry, strike and right."""
        ...


@runtime_checkable
class OptionFlowFeed(Protocol):
    """Large option trades as they are reported."""

    def flow(
        self, underlying: str, start: datetime, end: datetime
    ) -> tuple[OptionTrade, ...] | None:
        """From ``start`` until before ``end`` (aware), oldest first."""
        ...


@runtime_checkable
class EconomicFeed(Protocol):
    """Series of an economy, every vintage of them."""

    def observations(self, series: str, as_of: datetime) -> tuple[Observation, ...] | None:
        """The last value of each period that was known at ``as_of``, oldest period first."""
        ...


class Line(Protocol):
    """An open stream."""

    def connected(self) -> bool:
        """Whether data arrives; False from the moment the line is known or suspected to be down."""
        ...

    def problem(self) -> str:
        """Why nothing comes, as a sentence for people; empty while all is well or nobody knows."""
        ...

    def close(self) -> None:
        """Hang up; nothing is heard after it returns."""
        ...


@runtime_checkable
class StreamingFeed(Protocol):
    """Trades, quotes and bars as they happen, and trades that are taken back."""

    @property
    def name(self) -> str:
        """Short, for people: it stands wherever such a price shows."""
        ...

    def streams(self, symbol: str) -> bool:
        """Whether the symbol is of a kind that the stream has, as far as its name tells."""
        ...

    def lists(self, symbol: str) -> bool | None:
        """Whether it has the symbol, None where that can't be told; DataUnavailable as in Feed."""
        ...

    def stream(self, symbols: Sequence[str], heard: Heard) -> Line:
        """Call ``heard`` from another thread with each datum; it must return at once.

        The feed reconnects by itself, with back-off; what was missed meanwhile is not made up for.
        """
        ...
