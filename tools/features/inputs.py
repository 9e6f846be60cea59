"""What features are computed from: one symbol's bars as arrays, and other columns on their rows.

Here exact bars become float64. A later split, dividend or bar changes no value of an earlier row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np

from tools.domain.errors import DataUnavailable, InputError
from tools.domain.market import AsOf
from tools.domain.timeframe import DAILY, Timeframe
from tools.features.prices import read
from tools.indicators.arrays import Floats
from tools.market_data.columns import BarColumns, Times, moment_of, nanoseconds
from tools.market_data.sessions import trading_day

PRICES = ("open", "high", "low", "close")
COLUMNS = (*PRICES, "volume", "session", "start", "known")
HALF_HOUR = 1800 * 10**9
_QUOTES, _TRADES = "it takes quotes with sizes", "it takes trades"
_NEWS = (
    "no news or posts of it are kept (`tollgate knowledge sources` names what brings some, "
    "`tollgate knowledge fetch` fetches them)"
)
WANTED: Mapping[str, str] = {
    "market": "name a market to compare it with",
    "quoted_spread": "it takes quotes",
    "bid_share": _QUOTES,
    "book_flow": _QUOTES,
    "book_depth": _QUOTES,
    "bought": _TRADES,
    "sold": _TRADES,
    "trades": _TRADES,
    "effective_spread": "it takes trades and quotes",
    "news_score": _NEWS,
    "news_count": _NEWS,
}
"""What has to be put beside the bars for a column."""


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """Bars of one symbol and timeframe, shape ``(n,)``, oldest first, read-only.

    Prices have splits and dividends taken out where the feed tells of them, and are scaled so that
    the *first* bar is as traded: no later one moves them. ``volume`` is scaled the other way, so
    that close times volume is the money that changed hands. ``start`` and ``known`` are int64
    nanoseconds UTC, ``session`` the date as 20120601. ``more`` has columns that other data gave
    (quotes, trades, a market, news), NaN where there is none; ``origins`` says where from.
    """

    symbol: str
    feed: str
    timeframe: Timeframe
    calendar: str
    start: Times
    known: Times
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    session: Floats
    more: Mapping[str, Floats] = field(default_factory=dict)
    origins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises InputError for columns of unlike length or rows that are not ordered."""
        for name in (*COLUMNS, *self.more):
            column = self.given(name)
            if column.shape != (len(self.known),):
                raise InputError(f"The column {name} of {self.symbol} has not one value a bar.")
            column.setflags(write=False)
        if (np.diff(self.known) < 0).any():
            raise InputError(f"The bars of {self.symbol} are not ordered by when they were known.")

    def __len__(self) -> int:
        """The number of bars."""
        return len(self.known)

    def given(self, name: str) -> Any:
        """A column, or the name of the ``calendar``; DataUnavailable where nobody gave it."""
        if name in self.more:
            return self.more[name]
        if name not in (*COLUMNS, "calendar"):
            why = WANTED.get(name, "nobody gave it")
            raise DataUnavailable(f"there is no {name} of {self.symbol}: {why}")
        return getattr(self, name)

    def rows(self, start: int, stop: int) -> Inputs:
        """Rows ``start`` to ``stop`` without the last."""
        cut: dict[str, Any] = {name: getattr(self, name)[start:stop] for name in COLUMNS}
        more = {name: column[start:stop] for name, column in self.more.items()}
        return replace(self, more=MappingProxyType(more), **cut)

    def as_of(self, moment: datetime) -> Inputs:
        """What was known at ``moment`` (aware)."""
        return self.rows(0, int(np.searchsorted(self.known, nanoseconds(moment), side="right")))

    def joined(self, columns: Mapping[str, Floats], origin: str) -> Inputs:
        """The same with more columns; ``origin`` says in words where they are from."""
        more = MappingProxyType({**self.more, **columns})
        return replace(self, more=more, origins=(*self.origins, origin))

    def digest(self) -> str:
        """SHA-256 of every value."""
        made = hashlib.sha256(f"{self.symbol} {self.timeframe} {self.calendar}".encode())
        for name in (*COLUMNS, *sorted(self.more)):
            made.update(name.encode())
            made.update(np.ascontiguousarray(self.given(name)).tobytes())
        return made.hexdigest()


def from_history(history: AsOf, calendar: str = "XNYS") -> Inputs:
    """Daily bars; unadjusted when any bar lacks an adjusted close.

    DataUnavailable when there are none or a price is not above zero.
    """
    prices, volume, ratio = read(history)
    if ratio is not None:
        factor = ratio / ratio[0]
        prices, volume = prices * factor[:, np.newaxis], volume / factor
    opened, high, low, close = (np.ascontiguousarray(column) for column in prices.T)
    return Inputs(
        history.symbol,
        history.feed,
        DAILY,
        calendar,
        np.array([nanoseconds(b.event_time) for b in history.bars], np.int64),
        np.array([nanoseconds(b.known_at) for b in history.bars], np.int64),
        opened, high, low, close, volume,
        np.array([_number(b.session) for b in history.bars], np.float64),
    )  # fmt: skip


def from_columns(bars: BarColumns, calendar: str = "XNYS") -> Inputs:
    """Bars of any timeframe, taken as they are: their feed has adjusted them, or nobody has.

    Of a bar that was restated only the first version is used, and none that came after a later
    bar: nobody had it in its place.
    """
    order = np.sort(np.unique(bars.start, return_index=True)[1])
    began = bars.start[order]
    order = order[began == np.maximum.accumulate(began)] if len(order) else order
    taken = {name: getattr(bars, name)[order] for name in (*PRICES, "volume", "start", "known")}
    session = _sessions(calendar, taken["start"])
    return Inputs(
        bars.symbol, bars.source, bars.timeframe, calendar, session=session, **taken
    )  # fmt: skip


def session_of(calendar: str, start: int) -> float:
    """The trading day, such as 20120601, of a bar that starts then (nanoseconds UTC)."""
    return _session(calendar, start // HALF_HOUR)


def _sessions(calendar: str, start: Times) -> Floats:
    spans, place = np.unique(start // HALF_HOUR, return_inverse=True)
    return np.array([_session(calendar, int(span)) for span in spans], np.float64)[place]


@lru_cache(maxsize=4096)
def _session(calendar: str, span: int) -> float:
    """Every calendar turns its day on a half hour of UTC."""
    return _number(trading_day(calendar, moment_of(span * HALF_HOUR)))


def _number(day: date) -> float:
    return float((day.year * 100 + day.month) * 100 + day.day)
