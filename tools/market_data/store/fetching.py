"""Asking a feed for what is missing in the store, and for nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import numpy as np

from tools.domain.errors import Conflict, StateError
from tools.domain.market import Bar, aware_utc
from tools.domain.timeframe import DAILY, Timeframe, Unit
from tools.market_data.columns import BarColumns, Columns, nanoseconds
from tools.market_data.feeds.feed import Feed, IntradayFeed, QuotesFeed, TradesFeed
from tools.market_data.store.ranges import Span, missing
from tools.market_data.store.rows import happened
from tools.market_data.store.series import Kind, Series
from tools.market_data.store.store import MarketStore
from tools.ports import Clock

C = TypeVar("C", bound=Columns)
# What a live feed says of the last minutes may still change or be missing: some feeds are a quarter
# of an hour late by their subscription.
SETTLE = timedelta(minutes=20)
DAYS = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 31}
# How long one process waits for another that fetches the same.
PATIENCE_S = 300.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of it: ``spans`` that were asked for, ``rows`` that were new or restated.

    ``empty`` is how many of the spans had no rows. ``offered`` is False where the feed has no such
    series at all.
    """

    spans: int = 0
    rows: int = 0
    empty: int = 0
    offered: bool = True


class Fetcher:
    """Fills a store from feeds. Two processes that want the same ask for it once."""

    def __init__(self, store: MarketStore, clock: Clock, locks: Path) -> None:
        """``locks`` is a folder of this machine; ``clock.wall()`` says what has settled."""
        self.store = store
        self._clock = clock
        self._locks = locks

    def fetch(
        self,
        feed: Feed,
        series: Series,
        span: Span,
        told: Callable[[Span, int], None] | None = None,
        *,
        again: bool = False,
    ) -> Fetched:
        """Ask ``feed`` for what of ``span`` is missing; with ``again``, for all of it.

        What a live feed has not settled yet is left out (``settled``); a feed that isn't live is
        read anew each time, because a file changes. Each span is kept when it arrives, so that
        after an error only the rest is asked for; ``told`` hears of each with its rows. Raises
        DataUnavailable as the feed does and Conflict when another process fetches the same for
        minutes.
        """
        end = min(span.end, self.settled(series.timeframe)) if feed.live else span.end
        wanted = Span(span.start, end)
        if wanted.empty:
            return Fetched()
        with self._alone(series):
            again = again or not feed.live
            gaps = (wanted,) if again else missing(wanted, self.store.covered(series))
            spans = rows = empty = 0
            for part in (part for gap in gaps for part in _pieces(gap, series)):
                found = ask(feed, series, part)
                if found is None:
                    return Fetched(spans, rows, empty, offered=False)
                new = self.store.append(series, found, part)
                spans, rows, empty = spans + 1, rows + new, empty + (not len(found))
                if told is not None:
                    told(part, new)
        return Fetched(spans, rows, empty)

    def settled(self, timeframe: Timeframe | None) -> datetime:
        """Until when a live feed's rows will not change by themselves, by when they happened."""
        length = longest(timeframe)  # a bar happens when it opens and is told when it is over
        return aware_utc(self._clock.wall()) - length - max(SETTLE, length)

    def _alone(self, series: Series) -> _Alone:
        return _Alone(self._locks / f"{quote(str(series), safe='')}.lock", series)


class _Alone:
    """Only one process at a time is inside."""

    def __init__(self, path: Path, series: Series) -> None:
        self._path, self._series = path, series

    def __enter__(self) -> None:
        from filelock import FileLock, Timeout

        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(self._path)
            self._lock.acquire(timeout=PATIENCE_S)
        except Timeout:
            raise Conflict(
                f"another process has been fetching {self._series} for {PATIENCE_S / 60:g} "
                "minutes: wait for it or stop it"
            ) from None
        except OSError as error:
            raise StateError(f"{self._path} can't be locked ({error.strerror}).") from None

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def ask(feed: Feed, series: Series, span: Span) -> Columns | None:
    """The feed's rows that happened in ``span``; None where it has no such series or symbol."""
    found: Columns | None = None
    if series.kind is Kind.TRADES:
        if isinstance(feed, TradesFeed):
            found = feed.trades(series.symbol, span.start, span.end)
    elif series.kind is Kind.QUOTES:
        if isinstance(feed, QuotesFeed):
            found = feed.quotes(series.symbol, span.start, span.end)
    elif series.timeframe is not None and offers(feed, series.timeframe):
        if isinstance(feed, IntradayFeed) and series.timeframe in feed.timeframes:
            # The last bar that opened in the span must be finished to be in the answer.
            until = span.end + longest(series.timeframe)
            found = feed.range(series.symbol, series.timeframe, span.start, until)
        else:
            bars = feed.bars(series.symbol)
            found = None if bars is None else daily(series, bars)
    if found is None:
        return None
    # One source a series, whatever more the feed says of where it looked.
    return within(replace(found, source=series.source), span)


def offers(feed: Feed, timeframe: Timeframe) -> bool:
    """Whether the feed has such bars by itself; daily ones every feed has."""
    if isinstance(feed, IntradayFeed) and timeframe in feed.timeframes:
        return True
    return timeframe == DAILY


def longest(timeframe: Timeframe | None) -> timedelta:
    """How long a bar can last at most; nothing for trades and quotes."""
    if timeframe is None:
        return timedelta()
    if timeframe.intraday:
        return timeframe.length
    return timedelta(days=timeframe.count * DAYS[timeframe.unit])


def daily(series: Series, bars: tuple[Bar, ...]) -> BarColumns:
    """Daily bars as columns; float64 gives back every decimal of up to fifteen digits."""
    times = [
        np.array([nanoseconds(getattr(bar, name)) for bar in bars], np.int64)
        for name in ("known_at", "event_time")
    ]
    figures = [
        np.array([float(getattr(bar, name)) for bar in bars], np.float64)
        for name in ("open", "high", "low", "close", "volume")
    ]
    return BarColumns(series.symbol, series.source, times[0], DAILY, times[1], *figures)


def within(columns: C, span: Span) -> C:
    """The rows that happened in ``span``."""
    time = happened(columns)
    mask = (time >= nanoseconds(span.start)) & (time < nanoseconds(span.end))
    return columns if mask.all() else columns.where(mask)


def _pieces(span: Span, series: Series) -> Iterator[Span]:
    """The span in pieces small enough to lose one: a day of ticks, a month of short bars."""
    if series.timeframe is None:
        step = timedelta(days=1)
    elif series.timeframe.intraday:
        step = timedelta(days=31 if series.timeframe.length < timedelta(hours=1) else 366)
    else:
        yield span
        return
    start = span.start
    while start < span.end:
        end = min(start + step, span.end)
        yield Span(start, end)
        start = end
