"""What was before the first live price: finished bars of the past, as prices of now."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from tools.domain.errors import TradingError
from tools.domain.market import Bar
from tools.domain.timeframe import MINUTE
from tools.features.inputs import session_of
from tools.market_data.aggregation.finished import Finished
from tools.market_data.bars import BarData
from tools.market_data.columns import BarColumns, nanoseconds
from tools.ports import MarketData

logger = logging.getLogger(__name__)

MINUTES, DAYS = timedelta(days=10), 400
"""How far back is read: minutes for hours that many hours' features need, and sessions."""

MINUTE_NS = 60 * 10**9


@dataclass(frozen=True, slots=True)
class History:
    """Bars of a minute and of a day, oldest first; either may be empty."""

    minutes: tuple[Finished, ...] = ()
    days: tuple[Finished, ...] = ()


def history_of(
    market: MarketData, symbol: str, calendar: str, at: datetime, *, present: bool
) -> History:
    """What was known at ``at`` (aware), with splits and dividends taken out.

    In the ``present`` adjusted closes are as of today, so that a split of this morning is taken out
    of what was before. Of a moment in the past they know of later splits, and are taken relative to
    the last close that was known then. What the market doesn't have is empty.
    """
    try:
        bars = market.history(symbol, at).bars
    except TradingError as error:
        logger.info("no daily history of %s: %s", symbol, error)
        bars = ()
    ratios = _ratios(bars)
    if bars and not present:
        last = ratios[-1]
        ratios = [ratio / last for ratio in ratios]
    days = tuple(
        _scaled(_day(bar), ratio) for bar, ratio in zip(bars[-DAYS:], ratios[-DAYS:], strict=True)
    )
    by_session = {
        float(f"{bar.session:%Y%m%d}"): ratio for bar, ratio in zip(bars, ratios, strict=True)
    }
    return History(_minutes(market, symbol, calendar, at, by_session), days)


def _minutes(
    market: MarketData, symbol: str, calendar: str, at: datetime, ratios: dict[float, float]
) -> tuple[Finished, ...]:
    if not isinstance(market, BarData):
        return ()
    try:
        found = market.bars(symbol, MINUTE, at - MINUTES, at, at).columns
    except TradingError as error:
        logger.info("no history of minutes of %s: %s", symbol, error)
        return ()
    return tuple(
        _scaled(bar, ratios.get(session_of(calendar, bar.start), 1.0)) for bar in _rows(found)
    )


def _rows(bars: BarColumns) -> list[Finished]:
    """The first version of each, in order: what one had at the time."""
    found: list[Finished] = []
    columns = (bars.start, bars.known, bars.open, bars.high, bars.low, bars.close, bars.volume)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for start, known, opens, high, low, close, volume in rows:
        if not found or start > found[-1].start:
            end = start + MINUTE_NS
            found.append(Finished(start, end, known, opens, high, low, close, volume, 0))
    return found


def _ratios(bars: tuple[Bar, ...]) -> list[float]:
    """Adjusted close over close; ones where any bar has none."""
    if any(bar.adjusted_close is None or not bar.close for bar in bars):
        return [1.0] * len(bars)
    return [float((bar.adjusted_close or bar.close) / bar.close) for bar in bars]


def _day(bar: Bar) -> Finished:
    start, known = nanoseconds(bar.event_time), nanoseconds(bar.known_at)
    prices = (float(price) for price in (bar.open, bar.high, bar.low, bar.close))
    opens, high, low, close = prices
    return Finished(start, known, known, opens, high, low, close, float(bar.volume), 0)


def _scaled(bar: Finished, ratio: float) -> Finished:
    """Turnover stays: the volume is scaled the other way."""
    if ratio == 1.0 or ratio <= 0:
        return bar
    opens, high, low, close = (price * ratio for price in bar[3:7])
    return bar._replace(open=opens, high=high, low=low, close=close, volume=bar.volume / ratio)
