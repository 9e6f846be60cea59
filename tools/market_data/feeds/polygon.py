"""Polygon (since 2025 Massive) through its client: US shares, coins and currencies, and options."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from tools.domain.actions import Dividend, StockSplit
from tools.domain.errors import InputError
from tools.domain.instrument import Instrument
from tools.domain.market import Bar, aware_utc
from tools.domain.options import OptionQuote
from tools.domain.timeframe import Timeframe, Unit
from tools.market_data.columns import BarColumns, QuoteColumns, TickColumns, nanoseconds
from tools.market_data.feeds.feed import Heard, Line
from tools.market_data.feeds.lately import Lately
from tools.market_data.feeds.live_line import Patience
from tools.market_data.feeds.polygon_companies import dividends_of, splits_of
from tools.market_data.feeds.polygon_source import PAGE, STREAM_URL, URL, PolygonSource
from tools.market_data.feeds.polygon_words import (
    bars_of,
    chain_of,
    daily_of,
    instrument_of,
    polygon_symbol,
    quotes_of,
    trades_of,
)
from tools.market_data.feeds.rest import documented
from tools.market_data.symbols import INDIAN, pair
from tools.ports import Clock

T = TypeVar("T")
KEPT = timedelta(minutes=10)
FIRST = "2003-09-10"
WORDS = {Unit.SECOND: "second", Unit.MINUTE: "minute", Unit.HOUR: "hour"}


class PolygonFeed:
    """Daily and shorter bars, trades and quotes as reported, and option chains as they are now.

    Prices are as traded. Adjusted closes have later splits taken out and no dividends: Polygon
    doesn't take them out. Listings and daily bars are kept for ten minutes of ``clock.wall()``.
    Unanswered when Polygon does not answer; plain DataUnavailable when it won't, such as for what
    the subscription doesn't have. Polygon's minute and hour bars begin on the clock's full minutes
    and hours, and hold the trades before and after the session as well.
    """

    name = "polygon"
    live = True
    timeframes = (
        Timeframe(1, Unit.SECOND),
        *(Timeframe(count, Unit.MINUTE) for count in (1, 5, 15, 30)),
        Timeframe(1, Unit.HOUR),
    )

    def __init__(
        self,
        key: str,
        clock: Clock,
        *,
        url: str = URL,
        stream_url: str = STREAM_URL,
        patience: Patience | None = None,
        seconds: float = 10.0,
    ) -> None:
        """``seconds`` is the wait for each page of an answer, ``patience`` that of the stream."""
        self._key, self._clock = key, clock
        self._stream_url, self._patience = stream_url, patience
        self._source = PolygonSource(key, url, seconds)
        self._lately = Lately(clock)

    def symbols(self) -> tuple[str, ...]:
        """None: Polygon has thousands, it is asked by name."""
        return ()

    def instrument(self, symbol: str) -> Instrument | None:
        """The listing; not tradable where Polygon has it as inactive."""
        if symbol.endswith(tuple(INDIAN)) or symbol.startswith("^"):
            return None
        return self._lately.ask(("listing", symbol), KEPT, lambda: self._listed(symbol))

    def bars(self, symbol: str) -> tuple[Bar, ...] | None:
        """Settled daily bars, as far back as the subscription reaches."""
        return self._lately.ask(("bars", symbol), KEPT, lambda: self._daily(symbol))

    def dividends(self, symbol: str) -> tuple[Dividend, ...] | None:
        """As in DividendsFeed; a coin or a currency has none."""
        return self._told("dividends", symbol, "list_dividends", dividends_of)

    def splits(self, symbol: str) -> tuple[StockSplit, ...] | None:
        """As in SplitsFeed."""
        return self._told("splits", symbol, "list_splits", splits_of)

    def label(self, symbol: str) -> str:
        """The same for every symbol."""
        return self.name

    def latest(self) -> datetime | None:
        """The wall's now."""
        return self._clock.wall()

    def notice(self) -> str:
        """Empty: what goes wrong is raised."""
        return ""

    def range(
        self, symbol: str, timeframe: Timeframe, start: datetime, end: datetime
    ) -> BarColumns | None:
        """Finished bars of shares, coins or currencies; InputError for another timeframe."""
        if timeframe not in self.timeframes:
            listed = ", ".join(map(str, self.timeframes))
            raise InputError(f"Polygon has no bars of {timeframe}: use {listed}.")
        if self.instrument(symbol) is None:
            return None
        first, last = aware_utc(start, "start"), min(aware_utc(end, "end"), self._clock.wall())
        span = [nanoseconds(moment) // 1_000_000 for moment in (first, last)]
        if span[0] > span[1]:
            return bars_of(symbol, timeframe, [])
        rows = self._source.rows(
            lambda client: client.list_aggs(
                polygon_symbol(symbol),
                timeframe.count,
                WORDS[timeframe.unit],
                *span,
                adjusted=False,
                sort="asc",
                limit=PAGE,
            )
        )
        with documented("Polygon"):
            found = bars_of(symbol, timeframe, [row for row in rows if row.timestamp >= span[0]])
        return found.as_of(last)

    def trades(self, symbol: str, start: datetime, end: datetime) -> TickColumns | None:
        """Trades that were reported from ``start`` until before ``end``."""
        if self.instrument(symbol) is None:
            return None
        with documented("Polygon"):
            return trades_of(symbol, self._ticks("list_trades", symbol, start, end))

    def quotes(self, symbol: str, start: datetime, end: datetime) -> QuoteColumns | None:
        """The best bid and ask of all exchanges, reported from ``start`` until before ``end``."""
        if self.instrument(symbol) is None:
            return None
        with documented("Polygon"):
            return quotes_of(symbol, self._ticks("list_quotes", symbol, start, end))

    def chain(self, underlying: str) -> tuple[OptionQuote, ...] | None:
        """Every contract of a hundred shares; quotes only with a subscription that has them."""
        if pair(underlying) or self.instrument(underlying) is None:
            return None
        ticker = polygon_symbol(underlying)
        rows = self._source.rows(
            lambda client: client.list_snapshot_options_chain(ticker, params={"limit": 250})
        )
        with documented("Polygon"):
            return chain_of(underlying, rows, self._clock.wall())

    def streams(self, symbol: str) -> bool:
        """US shares."""
        from tools.market_data.feeds.polygon_stream import streamed

        return streamed(symbol)

    def lists(self, symbol: str) -> bool:
        """Whether it has the symbol."""
        return self.instrument(symbol) is not None

    def stream(self, symbols: Sequence[str], heard: Heard) -> Line:
        """Trades and quotes of US shares as they happen; ``live_line`` says how it fails."""
        from tools.market_data.feeds.polygon_stream import PolygonLine

        return PolygonLine(
            self._key, symbols, heard, self._clock, url=self._stream_url, patience=self._patience
        )

    def _told(
        self, what: str, symbol: str, method: str, read: Callable[[Instrument, list[Any]], T]
    ) -> T | None:
        listed = self.instrument(symbol)
        if listed is None:
            return None
        ticker = polygon_symbol(symbol)

        def ask() -> T:
            rows = (
                []
                if pair(symbol)
                else self._source.rows(
                    lambda client: getattr(client, method)(ticker=ticker, limit=1000)
                )
            )
            with documented("Polygon"):
                return read(listed, rows)

        return self._lately.ask((what, symbol), KEPT, ask)

    def _ticks(self, method: str, symbol: str, start: datetime, end: datetime) -> list[Any]:
        first, last = nanoseconds(start), nanoseconds(end)
        ticker = polygon_symbol(symbol)
        return self._source.rows(
            lambda client: getattr(client, method)(
                ticker, timestamp_gte=first, timestamp_lt=last, order="asc", limit=PAGE
            )
        )

    def _listed(self, symbol: str) -> Instrument | None:
        ticker = polygon_symbol(symbol)
        found = self._source.rows(lambda client: [client.get_ticker_details(ticker)])
        with documented("Polygon"):
            return instrument_of(symbol, found[0]) if found and found[0] else None

    def _daily(self, symbol: str) -> tuple[Bar, ...] | None:
        listed = self.instrument(symbol)
        if listed is None:
            return None
        wall = self._clock.wall()
        raw, split = (self._days(symbol, wall, adjusted) for adjusted in (False, True))
        with documented("Polygon"):
            return daily_of(listed, raw, split, wall) or None

    def _days(self, symbol: str, wall: datetime, adjusted: bool) -> list[Any]:
        span = FIRST, f"{wall:%Y-%m-%d}"
        return self._source.rows(
            lambda client: client.list_aggs(
                polygon_symbol(symbol), 1, "day", *span, adjusted=adjusted, sort="asc", limit=PAGE
            )
        )
