"""What Alpaca keeps of the past: daily and shorter bars, trades and quotes of shares and coins."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tools.domain.errors import InputError
from tools.domain.market import Bar, aware_utc
from tools.domain.timeframe import Timeframe, Unit
from tools.market_data.columns import BarColumns, QuoteColumns, TickColumns, nanoseconds
from tools.market_data.feeds import alpaca_columns as columns
from tools.market_data.feeds.alpaca_source import MANY_PAGES, PAGES, AlpacaSource, Api
from tools.market_data.feeds.alpaca_words import adjusted_of, bars_of
from tools.market_data.symbols import pair
from tools.ports import Clock

# Alpaca's bars of all exchanges begin with 2016; without a subscription their last 15 minutes stay
# closed, which a finished session doesn't need.
FIRST, DELAY = datetime(2016, 1, 1, tzinfo=UTC), timedelta(minutes=16)
WORDS = {Unit.MINUTE: "Min", Unit.HOUR: "Hour"}
TIMEFRAMES = (
    *(Timeframe(count, Unit.MINUTE) for count in (1, 5, 15, 30)),
    Timeframe(1, Unit.HOUR),
)


class AlpacaPast:
    """Shares are of all exchanges (SIP), whatever the feed of the present; coins as at Alpaca.

    The last 16 minutes of shares are left out unless the subscription has them, so that no span
    mixes one exchange with all of them. Symbols are known to be listed.
    """

    def __init__(self, source: AlpacaSource, clock: Clock, *, whole: bool) -> None:
        """``whole`` says that the subscription has all exchanges up to now."""
        self._source, self._clock, self._whole = source, clock, whole

    def daily(self, symbol: str) -> tuple[Bar, ...]:
        """Settled daily bars; of shares since 2016, with adjusted closes beside them."""
        wall = self._clock.wall()
        if pair(symbol):
            return bars_of(symbol, "24/7", self._days(symbol, {}), {}, wall)
        raw, adjusted = (self._days(symbol, {"adjustment": kind}) for kind in ("raw", "all"))
        closes: dict[date, Decimal] = adjusted_of(symbol, "XNYS", adjusted)
        return bars_of(symbol, "XNYS", raw, closes, wall)

    def range(
        self, symbol: str, timeframe: Timeframe, start: datetime, end: datetime
    ) -> BarColumns:
        """Finished bars as traded, on the clock's full minutes and hours, extended hours too."""
        if timeframe not in TIMEFRAMES:
            listed = ", ".join(map(str, TIMEFRAMES))
            raise InputError(f"Alpaca has no bars of {timeframe}: use {listed}.")
        end = self._told_until(symbol, end)  # a bar that opened before and isn't over is cut short
        words = {"timeframe": f"{timeframe.count}{WORDS[timeframe.unit]}"}
        if not pair(symbol):
            words["adjustment"] = "raw"
        found = columns.bars_of(symbol, timeframe, self._rows("bars", symbol, start, end, words))
        return found.where(found.start >= nanoseconds(start)).as_of(end)

    def trades(self, symbol: str, start: datetime, end: datetime) -> TickColumns:
        """From ``start`` until before ``end``."""
        found = columns.trades_of(symbol, self._rows("trades", symbol, start, end, {}))
        return found.where((found.known >= nanoseconds(start)) & (found.known < nanoseconds(end)))

    def quotes(self, symbol: str, start: datetime, end: datetime) -> QuoteColumns:
        """From ``start`` until before ``end``."""
        found = columns.quotes_of(symbol, self._rows("quotes", symbol, start, end, {}))
        return found.where((found.known >= nanoseconds(start)) & (found.known < nanoseconds(end)))

    def _days(self, symbol: str, words: dict[str, str]) -> list[Any]:
        end = self._clock.wall() - DELAY
        return self._rows("bars", symbol, FIRST, end, {"timeframe": "1Day"} | words, PAGES)

    def _rows(
        self,
        what: str,
        symbol: str,
        start: datetime,
        end: datetime,
        words: dict[str, str],
        most: int = MANY_PAGES,
    ) -> list[Any]:
        until = self._told_until(symbol, end)
        if aware_utc(start, "start") > until:
            return []
        query = {"symbols": symbol, "start": _written(start), "end": _written(until)}
        query |= {"limit": "10000"} | words
        if pair(symbol):
            return self._source.rows(Api.CRYPTO, f"/crypto/us/{what}", query, what, most)
        query["feed"] = "sip"
        return self._source.rows(Api.STOCKS, f"/stocks/{what}", query, what, most)

    def _told_until(self, symbol: str, end: datetime) -> datetime:
        now = self._clock.wall()
        return min(aware_utc(end, "end"), now if self._whole or pair(symbol) else now - DELAY)


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
