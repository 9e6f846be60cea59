"""Tools that read prices: list_instruments, get_quote, get_bars."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from tools.catalog.rendering import instant, text
from tools.catalog.spec import AsOfArg, SymbolArg
from tools.clock import moment
from tools.domain.errors import DataUnavailable
from tools.domain.market import AsOf, Bar
from tools.domain.timeframe import DAILY, Timeframe
from tools.ports import Clock, MarketData


def provenance(history: AsOf) -> dict[str, Any]:
    """Where the prices came from and how far they reach; every price tool's answer carries it."""
    return {
        "symbol": history.symbol,
        "as_of": instant(history.now),
        "feed": history.feed,
        "notice": history.notice,
        "session": history.bars[-1].session.isoformat(),
    }


def _change(before: Bar | None, last: Bar) -> float | None:
    """The day's return without splits and dividends: two adjusted closes tell no later ones."""
    if before is None or not before.close:
        return None
    if before.adjusted_close and last.adjusted_close:
        return float(last.adjusted_close / before.adjusted_close - 1)
    return float(last.close / before.close - 1)


def _bar(bar: Bar) -> dict[str, Any]:
    return {
        "session": bar.session.isoformat(),
        "open": text(bar.open),
        "high": text(bar.high),
        "low": text(bar.low),
        "close": text(bar.close),
        # No adjusted close: it is made with splits and dividends that came after the bar.
        "volume": text(bar.volume),
    }


class PriceTools:
    """Raw prices as traded; nothing later than ``as_of``."""

    def __init__(self, market: MarketData, clock: Clock) -> None:
        """Prices from ``market``; "now" from ``clock``."""
        self._market = market
        self._clock = clock

    def list_instruments(self) -> dict[str, Any]:
        """Every symbol known without a network, and the moment the market clock stands at."""
        return {
            "now": instant(self._clock.now()),
            "instruments": [
                {
                    "symbol": row.symbol,
                    "name": row.name,
                    "asset_class": row.asset_class,
                    "currency": row.currency,
                    "tick": text(row.tick),
                    "lot": text(row.lot),
                }
                for row in self._market.instruments()
            ],
        }

    def get_quote(self, symbol: SymbolArg, as_of: AsOfArg = None) -> dict[str, Any]:
        """Bid, ask and last close known at ``as_of``."""
        at = moment(as_of, self._clock)
        history = self._market.history(symbol, at)
        quote = self._market.quote(symbol, at)
        last = history.bars[-1]
        before = history.bars[-2] if len(history.bars) > 1 else None
        return provenance(history) | {
            "name": self._market.instrument(symbol).name,
            "currency": self._market.instrument(symbol).currency,
            "bid": text(quote.bid),
            "ask": text(quote.ask),
            "last_close": text(last.close),
            "previous_close": text(before.close) if before else None,
            "change": _change(before, last),
            "volume": text(last.volume),
            "quote_source": quote.source,
            "simulated_quote": quote.simulated,
        }

    def get_bars(
        self,
        symbol: SymbolArg,
        as_of: AsOfArg = None,
        limit: Annotated[int, Field(ge=1, le=1000, description="how many, newest last")] = 60,
        timeframe: Annotated[
            str, Field(description="1m, 5m, 1h, 1d, 1w, 1mo and the like", max_length=20)
        ] = "1d",
    ) -> dict[str, Any]:
        """The last ``limit`` bars known at ``as_of``, oldest first; daily ones by default."""
        frame = Timeframe.parse(timeframe)
        if frame != DAILY:
            return self._bars_of(symbol, frame, moment(as_of, self._clock), limit)
        history = self._market.history(symbol, moment(as_of, self._clock))
        bars = history.bars[-limit:]
        return provenance(history) | {
            "first_session": history.bars[0].session.isoformat(),
            "count": len(bars),
            "bars": [_bar(bar) for bar in bars],
        }

    def _bars_of(self, symbol: str, frame: Timeframe, at: datetime, limit: int) -> dict[str, Any]:
        """Bars other than daily ones, from a market that has any."""
        from tools.catalog.timeframes import last_bars
        from tools.market_data.bars import BarData

        if not isinstance(self._market, BarData):
            raise DataUnavailable(f"This desk's prices are daily: it has no {frame} bars.")
        return last_bars(self._market, symbol, frame, at, limit)
