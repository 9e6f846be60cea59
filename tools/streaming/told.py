"""What is said of a symbol: prices and figures as text, times ISO and UTC."""

from __future__ import annotations

import math

from tools.domain.market import Bar, Quote, TakenBack
from tools.domain.timeframe import Timeframe
from tools.market_data.aggregation.finished import Finished
from tools.market_data.columns import moment_of, nanoseconds

Update = dict[str, object]
FIGURES = ("open", "high", "low", "close", "volume")
TRADES, MINUTES, FEED = "trades", "1m bars", "feed"
"""What a bar was made of here, or that it came from a feed that gives no name of its own."""


def quote_told(quote: Quote) -> Update:
    """A bid and an ask."""
    return {
        "type": "quote",
        "symbol": quote.symbol,
        "bid": str(quote.bid),
        "ask": str(quote.ask),
        "at": quote.event_time.isoformat(),
    }


def bar_told(
    symbol: str,
    timeframe: Timeframe | str,
    bar: Finished,
    indicators: dict[str, float | None],
    source: str,
) -> Update:
    """A finished bar, or a later version of one; None for prices where nothing is left of it."""
    return {
        "type": "bar",
        "symbol": symbol,
        "timeframe": str(timeframe),
        "start": moment_of(bar.start).isoformat(),
        "known": moment_of(bar.known).isoformat(),
        **dict(zip(FIGURES, map(_text, bar[3:8]), strict=True)),
        "version": bar.version,
        "source": source,
        "indicators": indicators,
    }


def taken_told(datum: TakenBack) -> Update:
    """A trade that was taken back, and what is right instead, None for nothing."""
    right = datum.right_price, datum.right_size
    return {
        "type": "taken_back",
        "symbol": datum.symbol,
        "price": str(datum.price),
        "size": str(datum.size),
        "right_price": None if right[0] is None else str(right[0]),
        "right_size": None if right[1] is None else str(right[1]),
        "at": datum.event_time.isoformat(),
        "known": datum.known_at.isoformat(),
    }


def finished_of(bar: Bar) -> Finished:
    """The figures of a bar that came as one."""
    start, known = nanoseconds(bar.event_time), nanoseconds(bar.known_at)
    end = known if bar.ends is None else nanoseconds(bar.ends)
    opens, high, low, close, volume = (float(getattr(bar, name)) for name in FIGURES)
    return Finished(start, end, known, opens, high, low, close, volume, 0)


def frame_of(bar: Bar) -> str:
    """Its timeframe by its length: 5s, 1m, 1h, and 1d from three hours on."""
    seconds = int(((bar.ends or bar.known_at) - bar.event_time).total_seconds())
    if seconds > 3 * 3600:
        return "1d"
    for length, unit in ((3600, "h"), (60, "m")):
        if seconds >= length and seconds % length == 0:
            return f"{seconds // length}{unit}"
    return f"{max(seconds, 1)}s"


def _text(value: float) -> str | None:
    if math.isnan(value):
        return None
    return str(int(value)) if value == int(value) else repr(value)
