"""From a market and a symbol to inputs: bars of a timeframe, and what features need beside them."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from tools.domain.errors import DataUnavailable
from tools.domain.timeframe import DAILY, Timeframe
from tools.features.aligned import coarser, with_market
from tools.features.flow import QUOTED, TRADED, with_quotes, with_trades
from tools.features.inputs import Inputs, from_columns, from_history
from tools.features.news import NEWS, News
from tools.market_data.columns import QuoteColumns, TickColumns, moment_of
from tools.ports import MarketData

BARS = 3000
"""About so many bars of less than a day are read; daily ones all."""
FLOW = frozenset((*QUOTED, *TRADED))


@runtime_checkable
class FlowData(Protocol):
    """What a market may offer besides bars; ``None`` where no feed has any of the symbol."""

    def trades(self, symbol: str, start: datetime, end: datetime) -> TickColumns | None:
        """Trades from ``start`` until before ``end`` (aware)."""
        ...

    def quotes(self, symbol: str, start: datetime, end: datetime) -> QuoteColumns | None:
        """Quotes from ``start`` until before ``end`` (aware)."""
        ...


def gather(
    market: MarketData,
    symbol: str,
    at: datetime,
    timeframe: Timeframe = DAILY,
    beside: str | None = None,
    needed: AbstractSet[str] = frozenset(),
    news: News | None = None,
) -> tuple[Inputs, str]:
    """Bars known at ``at`` (aware), with the market ``beside``, the flow and news ``needed``.

    And a sentence where the bars are a fallback or have no news, else nothing. What the market has
    no flow of and nobody kept news of is left out, and the features that need it say so.
    DataUnavailable where there are no such bars.
    """
    inputs, notice = _bars(market, symbol, at, timeframe)
    if not len(inputs):
        raise DataUnavailable(f"There are no {timeframe} bars of {symbol} at {at:%Y-%m-%d}.")
    if beside is not None:
        other, said = _bars(market, beside, at, timeframe)
        inputs, notice = with_market(inputs, other), " ".join(filter(None, (notice, said)))
    if needed & FLOW and isinstance(market, FlowData):
        inputs = _flow(market, inputs, at)
    if news is not None and not needed.isdisjoint(NEWS):
        inputs, said = news.beside(inputs, at)
        notice = " ".join(filter(None, (notice, said)))
    return inputs, notice


def _bars(
    market: MarketData, symbol: str, at: datetime, timeframe: Timeframe
) -> tuple[Inputs, str]:  # fmt: skip
    from tools.market_data.bars import BarData  # it brings the store of prices

    calendar = market.instrument(symbol).calendar
    if not timeframe.intraday:
        history = market.history(symbol, at)
        days = from_history(history, calendar)
        return (days if timeframe == DAILY else coarser(days, timeframe)), history.notice
    if not isinstance(market, BarData):
        raise DataUnavailable(f"This market has no bars shorter than a day, so none of {symbol}.")
    # A session is a quarter of a day, and there are five a week.
    start = at - max(BARS * 6 * timeframe.length, timedelta(days=7))
    found = market.bars(symbol, timeframe, start, at, at)
    return from_columns(found.columns, calendar), found.notice


def _flow(market: FlowData, inputs: Inputs, at: datetime) -> Inputs:
    start = moment_of(int(inputs.start[0]))
    quotes = market.quotes(inputs.symbol, start, at)
    trades = market.trades(inputs.symbol, start, at)
    if quotes is not None and len(quotes):
        inputs = with_quotes(inputs, quotes.as_of(at))
    if trades is not None and len(trades):
        inputs = with_trades(inputs, trades.as_of(at), None if quotes is None else quotes.as_of(at))
    return inputs
