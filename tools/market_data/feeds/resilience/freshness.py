"""Whether a feed's newest prices are as new as they should be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from tools.domain.errors import TradingError
from tools.domain.market import Bar
from tools.market_data.sessions import session_on, trading_day, utc_day
from tools.market_data.symbols import listing

# A daily bar may come this long after its session's close.
DUE = timedelta(hours=12)
# So far back a session is looked for: more than any market's longest holiday.
LOOKED = 15


def last_due(calendar: str, now: datetime) -> date | None:
    """The last session whose bar should be there at ``now``; None where nobody knows."""
    day = trading_day(calendar, now)
    for _ in range(LOOKED):
        try:
            times = session_on(calendar, day)
        except TradingError:
            return None
        if times is not None and times[1] + DUE <= now:
            return day
        day -= timedelta(days=1)
    return None


def behind(symbol: str, feed: str, bars: Sequence[Bar], now: datetime) -> str:
    """A sentence, without its full stop, on bars that end too early; else empty."""
    if not bars:
        return ""
    calendar, last = listing(symbol, symbol, "").calendar, bars[-1].session
    if calendar == "24/7" and bars[-1].event_time != utc_day(last)[0]:
        calendar = "24/5"  # a CFD on what its name doesn't tell from a coin: its days tell
    due = last_due(calendar, now)
    if due is None or last >= due:
        return ""
    return (
        f"the newest prices of {symbol} that {feed} has are of {last}, though the session of {due} "
        "has ended: it may have been delisted, renamed or halted, or old prices are sent again"
    )
