"""Yahoo's bars below a day, asked for in pieces that it takes, as they were traded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.domain.errors import DataUnavailable
from tools.domain.timeframe import Timeframe, Unit
from tools.market_data.columns import BarColumns, nanoseconds
from tools.market_data.feeds.yahoo_frame import PRICES

if TYPE_CHECKING:
    import pandas as pd

# How far back Yahoo goes with each, and how much it gives at once; a day is left for its clock.
REACH = {
    Timeframe(1, Unit.MINUTE): (timedelta(days=29), timedelta(days=7)),
    Timeframe(5, Unit.MINUTE): (timedelta(days=59), timedelta(days=59)),
    Timeframe(15, Unit.MINUTE): (timedelta(days=59), timedelta(days=59)),
    Timeframe(30, Unit.MINUTE): (timedelta(days=59), timedelta(days=59)),
    Timeframe(1, Unit.HOUR): (timedelta(days=729), timedelta(days=729)),
}
# Until then after its close Yahoo may still change a bar.
SETTLED = timedelta(minutes=1)


def pieces(
    symbol: str, timeframe: Timeframe, start: datetime, wall: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """The spans to ask for, up to now: only then are all splits since ``start`` in the answer.

    Raises DataUnavailable for what lies further back than Yahoo goes.
    """
    reach, most = REACH[timeframe]
    if wall - start > reach:
        raise DataUnavailable(
            f"Yahoo has bars of {timeframe} for the last {reach.days} days only: ask for {symbol} "
            f"from {wall - reach:%Y-%m-%d} on, or in longer bars."
        )
    while start < wall:
        yield start, min(start + most, wall)
        start += most


def columns_of(
    symbol: str, timeframe: Timeframe, frames: list[pd.DataFrame], wall: datetime
) -> BarColumns:
    """Bars that had settled at ``wall``, by when they opened and once each, later splits undone.

    Yahoo's last bar before a close may be shorter than the others: it is known no earlier than a
    full one would be. Bars without a trade have no price and are left out.
    """
    import pandas as pd

    whole = pd.concat(frames) if frames else pd.DataFrame(columns=[*PRICES, "Volume"])
    whole = whole.dropna(subset=PRICES)
    whole = whole[~whole.index.duplicated(keep="last")].sort_index()
    start = _nanoseconds(whole.index)
    length = int(timeframe.length.total_seconds()) * 1_000_000_000
    splits = whole["Stock Splits"].to_numpy(np.float64) if "Stock Splits" in whole else None
    later = np.ones(len(whole))
    if splits is not None and len(whole):
        factors = np.where(splits > 0, splits, 1.0)
        # A row counts the splits after it; its own took effect before it traded.
        later = np.append(np.cumprod(factors[::-1])[::-1][1:], 1.0)
    prices = [whole[name].to_numpy(np.float64) * later for name in PRICES]
    volume = whole["Volume"].to_numpy(np.float64) / later
    settled = start + length <= int((wall - SETTLED).timestamp()) * 1_000_000_000
    kept = [column[settled] for column in (start, *prices, volume)]
    return BarColumns(symbol, "yahoo", kept[0] + length, timeframe, *kept)


def since(bars: BarColumns, start: datetime) -> BarColumns:
    """Those that opened from ``start`` on."""
    first = int(np.searchsorted(bars.start, nanoseconds(start)))
    return bars.rows(first, len(bars))


def _nanoseconds(index: Any) -> Any:
    import pandas as pd

    if not len(index):
        return np.empty(0, np.int64)
    return pd.DatetimeIndex(index).tz_convert("UTC").as_unit("ns").asi8.copy()
