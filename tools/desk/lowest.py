"""How low the market was when a stop was filled, as far as the desk's own prices tell."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from contextlib import suppress
from decimal import Decimal

from tools.domain.errors import TradingError
from tools.domain.order import SAME_MOMENT, Fill
from tools.execution.record import OrderRecord
from tools.market_data.sessions import trading_day
from tools.monitoring.tripwires import astray
from tools.ports import Clock, MarketData
from tools.risk.limits import Limits

Lows = Mapping[str, Decimal | None]
"""The market's low at an execution, by its id; None where nobody knows."""


class Lowest:
    """Asks the market as it is known now, a network perhaps: so before the ledger is locked."""

    def __init__(self, market: MarketData, clock: Clock) -> None:
        """Nothing is asked when made."""
        self._market, self._clock = market, clock

    def of(self, record: OrderRecord, fills: Iterable[Fill], limits: Limits) -> Lows:
        """By execution id, of new ones of a protecting sale that are below what was allowed."""
        if not record.order.protects:
            return {}
        new = (fill for fill in fills if fill not in record.fills)
        return {fill.execution_id: self.at(fill) for fill in new if astray(record, fill, limits)}

    def at(self, fill: Fill) -> Decimal | None:
        """The lower of the session's low and of a bid of the same minute; None of neither.

        Of an execution at a session's very opening, its open stands for the low.
        """
        known = [price for price in (self._of_session(fill), self._bid(fill)) if price is not None]
        return min(known, default=None)

    def _of_session(self, fill: Fill) -> Decimal | None:
        with suppress(TradingError):
            bars = self._market.history(fill.symbol, self._clock.now()).bars
            place = bisect_right(bars, fill.at, key=lambda bar: bar.event_time) - 1
            if place < 0:
                return None
            bar = bars[place]
            if fill.at == bar.event_time:
                return bar.open
            calendar = self._market.instrument(fill.symbol).calendar
            if fill.at <= bar.known_at or trading_day(calendar, fill.at) == bar.session:
                return bar.low
        return None

    def _bid(self, fill: Fill) -> Decimal | None:
        with suppress(TradingError):
            quote = self._market.quote(fill.symbol, self._clock.now())
            if abs(quote.event_time - fill.at) <= SAME_MOMENT and quote.bid > 0:
                return quote.bid
        return None
