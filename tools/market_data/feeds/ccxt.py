"""Crypto exchanges by name through ccxt: Binance, Coinbase, Kraken and a hundred others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tools.domain.errors import DataUnavailable, InputError
from tools.domain.instrument import Instrument
from tools.domain.market import Bar, Quote, aware_utc
from tools.domain.status import Session, Status
from tools.domain.timeframe import Timeframe
from tools.market_data.columns import BarColumns, TickColumns, nanoseconds
from tools.market_data.feeds.ccxt_source import CcxtSource
from tools.market_data.feeds.ccxt_words import (
    answered_at,
    bars_of,
    best_of,
    daily_of,
    frames_of,
    instrument_of,
    moment,
    quote_of,
    ticks_of,
)
from tools.market_data.feeds.feed import Heard, Line
from tools.market_data.feeds.lately import Lately
from tools.market_data.feeds.live_line import Patience
from tools.market_data.feeds.rest import documented
from tools.market_data.symbols import pair
from tools.ports import Clock

LISTED_KEPT, BARS_KEPT = timedelta(hours=1), timedelta(minutes=10)
# Trading is taken to go on when something was traded within this time.
ALIVE = timedelta(minutes=5)
# How far an exchange's clock and ours may differ: what ended later may still be forming.
SKEW = timedelta(seconds=2)
# The first exchange opened in July 2010.
FIRST = datetime(2010, 7, 1, tzinfo=UTC)
DAY = "1d"
BEST = ("bid", "bidVolume", "ask", "askVolume")


class CcxtFeed:
    """Bars, trades, quotes and a live stream of one exchange's spot pairs, by its public answers.

    They are the pairs in a state currency, USDT, USDC or BTC. Prices and sizes are that exchange's
    own, days are UTC. An exchange has no bar of a time without trades, or one of its last price,
    as it likes. Listings are kept for an hour of ``clock.wall()``, daily bars for ten minutes.
    Unanswered when the exchange does not answer; plain DataUnavailable when it won't.
    """

    live = True

    def __init__(
        self,
        exchange: str,
        clock: Clock,
        *,
        urls: Mapping[str, Any] | None = None,
        seconds: float = 10.0,
        patience: Patience | None = None,
    ) -> None:
        """``exchange`` is ccxt's name for it, such as binance; ConfigError for one it hasn't.

        ``seconds`` is the wait for each answer, ``patience`` that of the stream; ``urls`` are other
        addresses, in the form of ccxt's own.
        """
        self.name = exchange
        self._clock, self._patience = clock, patience
        self._source = CcxtSource(exchange, seconds, urls)
        self._frames = frames_of(self._source.api.timeframes or ())
        self._lately = Lately(clock)

    @property
    def timeframes(self) -> tuple[Timeframe, ...]:
        """The exchange's own that are shorter than a day."""
        return tuple(self._frames)

    def symbols(self) -> tuple[str, ...]:
        """None: what it lists is asked for over the network."""
        return ()

    def instrument(self, symbol: str) -> Instrument | None:
        """The listing, with the exchange's steps; not tradable where trading in it has stopped."""
        told = self._listed(symbol)
        if told is None:
            return None
        source = self._source
        with documented(source.name):
            return instrument_of(symbol, told, source.name, source.api.precisionMode)

    def bars(self, symbol: str) -> tuple[Bar, ...] | None:
        """Finished days as far back as the exchange gives them."""
        if self._listed(symbol) is None:
            return None
        return self._lately.ask(("bars", symbol), BARS_KEPT, lambda: self._daily(symbol)) or None

    def range(
        self, symbol: str, timeframe: Timeframe, start: datetime, end: datetime
    ) -> BarColumns | None:
        """Finished bars, as far back as the exchange gives them; InputError for another timeframe.

        Kraken gives the latest 720 of each timeframe, most give all.
        """
        if timeframe not in self._frames:
            listed = ", ".join(map(str, self._frames)) or "none below a day"
            raise InputError(f"{self._source.name} has no bars of {timeframe}: use {listed}.")
        if self._listed(symbol) is None:
            return None
        first, last = max(aware_utc(start, "start"), FIRST), self._settled(end)
        rows = self._source.candles(symbol, self._frames[timeframe], _ms(first), _ms(last))
        with documented(self._source.name):
            found = bars_of(symbol, self.name, timeframe, rows)
        return found.where(found.start >= nanoseconds(first)).as_of(last)

    def trades(self, symbol: str, start: datetime, end: datetime) -> TickColumns | None:
        """Trades by the exchange's own milliseconds; Binance joins those of one order at one price.

        DataUnavailable where the exchange gives its latest trades only and ``start`` is before
        them; so do all but Binance and Coinbase.
        """
        if self._listed(symbol) is None:
            return None
        first, last = max(aware_utc(start, "start"), FIRST), aware_utc(end, "end")
        last = min(last, self._clock.wall())
        rows = self._source.trades(symbol, _ms(first), _ms(last)) if first < last else []
        with documented(self._source.name):
            return ticks_of(symbol, self.name, rows)

    def quote(self, symbol: str) -> Quote | None:
        """The best bid and ask, of the ticker where that has them with their sizes, else the book.

        ``event_time`` is the exchange's, or, where it tells none, that of its answer to the second.
        DataUnavailable without a bid, an ask or a moment.
        """
        if self._listed(symbol) is None:
            return None
        told, answered = self._source.ask(
            lambda api: (
                api.fetch_ticker(symbol) if api.has.get("fetchTicker") else {},
                answered_at(api.last_response_headers or {}),
            )
        )
        if any(told.get(name) is None for name in BEST):
            book, answered = self._source.ask(
                lambda api: (
                    api.fetch_order_book(symbol),
                    answered_at(api.last_response_headers or {}),
                )
            )
            with documented(self._source.name):
                told = best_of(book)
        known = self._clock.wall().astimezone(UTC)
        with documented(self._source.name):
            at = moment(told["timestamp"]) if told.get("timestamp") else answered
            found = None if at is None else quote_of(symbol, self.name, told, at, known)
        if found is None:
            raise DataUnavailable(f"{self._source.name} has no bid and ask of {symbol} now.")
        return found

    def status(self, symbol: str) -> Status | None:
        """Whether trading in it goes on; there are no sessions to be outside of.

        ``halted`` is True where the exchange says that trading has stopped, by the listing that is
        kept; False where something was traded in the last five minutes; else nobody can tell.
        """
        listed = self._listed(symbol)
        if listed is None:
            return None
        if listed.get("active") is False:
            return Status(halted=True, session=Session.OPEN)
        rows = self._source.ask(lambda api: api.fetch_trades(symbol, None, 1))
        with documented(self._source.name):
            alive = self._clock.wall() - ALIVE
            traded = any(moment(row["timestamp"]) >= alive for row in rows)
        return Status(halted=False if traded else None, session=Session.OPEN)

    def streams(self, symbol: str) -> bool:
        """Pairs."""
        return pair(symbol) is not None

    def lists(self, symbol: str) -> bool:
        """Whether it has the symbol."""
        return self._listed(symbol) is not None

    def stream(self, symbols: Sequence[str], heard: Heard) -> Line:
        """Trades and quotes as they happen; ``live_line`` says how it fails."""
        from tools.market_data.feeds.ccxt_stream import CcxtLine

        patience = self._patience or Patience()
        return CcxtLine(self._source, self._listed, symbols, heard, self._clock, patience)

    def label(self, symbol: str) -> str:
        """The same for every symbol."""
        return self.name

    def latest(self) -> datetime | None:
        """The wall's now."""
        return self._clock.wall()

    def notice(self) -> str:
        """Empty: what goes wrong is raised."""
        return ""

    def _listed(self, symbol: str) -> Mapping[str, Any] | None:
        """What the exchange says of a spot pair; None for what it doesn't list, or isn't a pair."""
        if pair(symbol) is None:
            return None
        markets = self._lately.ask(("markets", ""), LISTED_KEPT, self._markets)
        found: Mapping[str, Any] | None = markets.get(symbol)
        return found if found is not None and found.get("spot") else None

    def _markets(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._source.ask(lambda api: api.load_markets(True))
        if not found:
            raise DataUnavailable(f"{self._source.name} lists nothing.")
        return found

    def _daily(self, symbol: str) -> tuple[Bar, ...]:
        if DAY not in (self._source.api.timeframes or ()):
            raise DataUnavailable(f"{self._source.name} has no daily bars.")
        until = self._settled(self._clock.wall())
        rows = self._source.candles(symbol, DAY, _ms(FIRST), _ms(until))
        with documented(self._source.name):
            return daily_of(symbol, rows, until)

    def _settled(self, end: datetime) -> datetime:
        """``end``, or the last moment until which bars have surely ended."""
        return min(aware_utc(end, "end"), self._clock.wall() - SKEW)


def _ms(at: datetime) -> int:
    return nanoseconds(at) // 1_000_000
