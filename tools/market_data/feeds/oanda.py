"""OANDA's v20 interface: currencies, metals and CFDs, as the account may trade them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tools.domain.errors import DataUnavailable, InputError
from tools.domain.instrument import Instrument
from tools.domain.market import Bar, Quote, aware_utc
from tools.domain.status import Session, Status
from tools.domain.timeframe import Timeframe, Unit
from tools.market_data.columns import BarColumns, nanoseconds
from tools.market_data.feeds.feed import Heard, Line
from tools.market_data.feeds.lately import Lately
from tools.market_data.feeds.live_line import Patience
from tools.market_data.feeds.oanda_source import OandaSource
from tools.market_data.feeds.oanda_stream import PATIENCE, OandaLine
from tools.market_data.feeds.oanda_words import (
    Listed,
    Price,
    bars_of,
    daily_of,
    granularity,
    instrument_of,
    oanda_name,
    quote_of,
)
from tools.ports import Clock

PRACTICE_URL, LIVE_URL = "https://api-fxpractice.oanda.com", "https://api-fxtrade.oanda.com"
PRACTICE_STREAM = "https://stream-fxpractice.oanda.com"
LIVE_STREAM = "https://stream-fxtrade.oanda.com"
LISTED_KEPT, BARS_KEPT = timedelta(hours=1), timedelta(minutes=10)
# One look at the market serves the quote and the status of one decision.
SEEN_KEPT = timedelta(seconds=1)
# When New York's clocks go forward.
SHORTEST_DAY = timedelta(hours=23)
# OANDA's history begins here.
FIRST = datetime(2002, 1, 1, tzinfo=UTC)


class OandaFeed:
    """Bars, quotes, whether OANDA deals, and a live stream, of what the account may trade.

    Bars are of prices halfway between OANDA's own bid and ask: what it deals at, not what others
    dealt at elsewhere, and without a volume. Its days turn at five in New York. A listing is kept
    for an hour of ``clock.wall()``, bars for ten minutes, a look at the market for a second.
    Unanswered when OANDA doesn't answer; plain DataUnavailable when it won't.
    """

    name = "oanda"
    live = True
    # Longer ones are made from hours: OANDA aligns them by the day.
    timeframes = (
        *(Timeframe(count, Unit.SECOND) for count in (5, 10, 15, 30)),
        *(Timeframe(count, Unit.MINUTE) for count in (1, 2, 4, 5, 10, 15, 30)),
        Timeframe(1, Unit.HOUR),
    )

    def __init__(
        self,
        key: str,
        account: str,
        clock: Clock,
        *,
        url: str = PRACTICE_URL,
        stream_url: str = PRACTICE_STREAM,
        seconds: float = 8.0,
        patience: Patience = PATIENCE,
    ) -> None:
        """``seconds`` is the wait for each answer, ``patience`` that of the stream."""
        self._key, self._account, self._clock = key, account, clock
        self._stream_url, self._patience = stream_url, patience
        self._source = OandaSource(key, account, url, seconds)
        self._lately = Lately(clock)

    def symbols(self) -> tuple[str, ...]:
        """None: what the account may trade is asked for over the network."""
        return ()

    def instrument(self, symbol: str) -> Instrument | None:
        """The listing; None for what the account may not trade. A pair has a slash."""
        told = self._listed(symbol)
        return None if told is None else instrument_of(symbol, told)

    def bars(self, symbol: str) -> tuple[Bar, ...] | None:
        """Finished days since 2002, from five to five in New York."""
        told = self._listed(symbol)
        if told is None:
            return None
        return (
            self._lately.ask(("bars", symbol), BARS_KEPT, lambda: self._daily(symbol, told)) or None
        )

    def range(
        self, symbol: str, timeframe: Timeframe, start: datetime, end: datetime
    ) -> BarColumns | None:
        """Finished bars; InputError for another timeframe. Nothing is there without a price."""
        if timeframe not in self.timeframes:
            listed = ", ".join(map(str, self.timeframes))
            raise InputError(f"OANDA has no bars of {timeframe}: use {listed}.")
        told = self._listed(symbol)
        if told is None:
            return None
        first = max(aware_utc(start, "start"), FIRST)
        last = min(aware_utc(end, "end"), self._clock.wall())
        if first >= last:
            return bars_of(symbol, timeframe, [])
        length = timeframe.length
        found = self._source.candles(told.name, granularity(timeframe), first, last, length)
        bars = bars_of(symbol, timeframe, found)
        return bars.where(bars.start >= nanoseconds(first)).as_of(last)

    def quote(self, symbol: str) -> Quote | None:
        """The best bid and ask of the account; while OANDA doesn't deal, those of the close.

        DataUnavailable when there is no bid or no ask.
        """
        told = self._listed(symbol)
        if told is None:
            return None
        price, known_at = self._look(told)
        found = quote_of(symbol, price, known_at)
        if found is None:
            raise DataUnavailable(f"OANDA has no bid and ask of {symbol} now.")
        return found

    def status(self, symbol: str) -> Status | None:
        """Whether OANDA deals in it. Where it doesn't, it doesn't say whether that is a halt.

        So ``halted`` is then None: it may be the weekend, a holiday or the market's daily pause.
        """
        told = self._listed(symbol)
        if told is None:
            return None
        if self._look(told)[0].tradeable:
            return Status(halted=False, session=Session.OPEN)
        return Status(halted=None, session=Session.WAITING)

    def streams(self, symbol: str) -> bool:
        """Pairs as OANDA has them."""
        return oanda_name(symbol) is not None

    def lists(self, symbol: str) -> bool:
        """Whether it has the symbol."""
        return self._listed(symbol) is not None

    def stream(self, symbols: Sequence[str], heard: Heard) -> Line:
        """Quotes as they change; ``oanda_stream`` says how it fails."""
        return OandaLine(
            self._key,
            self._account,
            symbols,
            heard,
            self._clock,
            url=self._stream_url,
            patience=self._patience,
        )

    def label(self, symbol: str) -> str:
        """The same for every symbol."""
        return self.name

    def latest(self) -> datetime | None:
        """The wall's now."""
        return self._clock.wall()

    def notice(self) -> str:
        """Empty: what goes wrong is raised."""
        return ""

    def _listed(self, symbol: str) -> Listed | None:
        name = oanda_name(symbol)
        if name is None:
            return None
        told = self._lately.ask(("listings", ""), LISTED_KEPT, self._source.listings).get(name)
        return told if told is not None and instrument_of(symbol, told) is not None else None

    def _daily(self, symbol: str, told: Listed) -> tuple[Bar, ...]:
        wall = self._clock.wall()
        found = self._source.candles(told.name, "D", FIRST, wall, SHORTEST_DAY)
        return daily_of(symbol, found, wall)

    def _look(self, told: Listed) -> tuple[Price, datetime]:
        """The latest price, and when it came."""
        return self._lately.ask(("look", told.name), SEEN_KEPT, lambda: self._seen(told.name))

    def _seen(self, name: str) -> tuple[Price, datetime]:
        return self._source.price(name), self._clock.wall()
