"""Bars of any timeframe: kept, fetched where they are missing, or made from shorter ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

import numpy as np

from tools.domain.errors import DataUnavailable, InputError
from tools.domain.instrument import Instrument
from tools.domain.market import aware_utc
from tools.domain.timeframe import DAILY, Timeframe, Unit
from tools.market_data.aggregation.batch import coarsen
from tools.market_data.aggregation.grid import Grid
from tools.market_data.columns import BarColumns, moment_of, nanoseconds
from tools.market_data.feeds.feed import Feed, IntradayFeed
from tools.market_data.store.fetching import Fetcher, ask, longest, offers, within
from tools.market_data.store.ranges import Span
from tools.market_data.store.series import FIRST, Kind, Series
from tools.market_data.symbols import canonical, listing
from tools.ports import Clock


@dataclass(frozen=True, slots=True, eq=False)
class BarsAsOf:
    """Bars as they were known at ``now``, oldest first; ``columns`` may be empty.

    ``feed`` names where they came from. ``notice`` is a sentence when they were made from others,
    were kept while their feed doesn't answer, or come from another feed than the first; else empty.
    """

    columns: BarColumns
    now: datetime
    feed: str
    notice: str = ""


@runtime_checkable
class BarData(Protocol):
    """What a market may offer besides daily bars."""

    def bars(
        self, symbol: str, timeframe: Timeframe, start: datetime, end: datetime, as_of: datetime
    ) -> BarsAsOf:
        """Bars that opened from ``start`` until before ``end`` (aware), known at ``as_of``.

        Raises DataUnavailable where no feed has the symbol in such bars.
        """
        ...


class Bars:
    """Implements ``BarData`` over feeds in their order, the first that can wins."""

    def __init__(self, feeds: Sequence[Feed], clock: Clock, fetcher: Fetcher | None = None) -> None:
        """Without ``fetcher`` nothing is kept, and the feeds are asked each time."""
        self._feeds = tuple(feeds)
        self._clock = clock
        self._fetcher = fetcher

    def bars(
        self, symbol: str, timeframe: Timeframe, start: datetime, end: datetime, as_of: datetime
    ) -> BarsAsOf:
        """See ``BarData``."""
        symbol, now = canonical(symbol), aware_utc(as_of, "as_of")
        span = Span(max(aware_utc(start, "start"), FIRST), min(aware_utc(end, "end"), now))
        if aware_utc(end) <= aware_utc(start):
            raise InputError("The span ends before it starts: give a start and a later end.")
        if span.empty:
            raise DataUnavailable(
                f"There are no bars of {symbol} from {start:%Y-%m-%d %H:%M} on that were known at "
                f"{now:%Y-%m-%d %H:%M} UTC."
            )
        failed: list[str] = []
        for feed in self._feeds:
            listed = _listed(feed, symbol)
            base = shortest_way(feed, timeframe)
            if base is None or (listed is None and not feed.live):
                continue
            found, why = self._from(
                feed, Series(Kind.BARS, feed.name, symbol, base), span, now, timeframe
            )
            if why:
                failed.append(why)
            if found is None:
                continue
            said = list(failed)
            columns = found
            if base != timeframe:
                calendar = (listed or listing(symbol, symbol, feed.name)).calendar
                columns = longer(found, timeframe, calendar, now)
                said.append(f"made from {base} bars")
            columns = within(columns, span)
            columns = columns.where(columns.known <= nanoseconds(now))
            if failed:
                said.append(f"these bars are from {feed.label(symbol)}")
            notice = f"{'; '.join(said)}." if said else ""
            return BarsAsOf(columns, now, feed.label(symbol), notice[:1].upper() + notice[1:])
        raise DataUnavailable(self._none(symbol, timeframe, failed))

    def _from(
        self, feed: Feed, series: Series, span: Span, now: datetime, timeframe: Timeframe
    ) -> tuple[BarColumns | None, str]:
        """The feed's bars known at ``now``, else kept ones, else None; and what went wrong."""
        if series.timeframe != timeframe:  # the first longer bar begins before the span, perhaps
            span = Span(max(span.start - 2 * longest(timeframe), FIRST), span.end)
        keep = self._fetcher if feed.live else None
        try:
            if keep is None:
                found = ask(feed, series, span)
            else:
                offered = keep.fetch(feed, series, span).offered
                found = self._kept_and_newest(keep, feed, series, span, now) if offered else None
        except DataUnavailable as error:
            if not feed.live:
                raise
            why = str(error).rstrip(".")
        else:
            if isinstance(found, BarColumns):
                return found, ""
            why = feed.notice()
        kept = None if keep is None or not why else keep.store.bars(series, span, now)
        if kept is None or not len(kept):
            return None, why
        last = moment_of(kept.known[-1])
        age = aware_utc(self._clock.wall()) - last
        return kept, (
            f"{why}; these bars were kept by this desk, the last is known from "
            f"{last:%Y-%m-%d %H:%M} UTC, {_age(age)} ago"
        )

    def _kept_and_newest(
        self, keep: Fetcher, feed: Feed, series: Series, span: Span, now: datetime
    ) -> BarColumns | None:
        """What is kept, and behind it what the feed hasn't settled yet."""
        kept = keep.store.bars(series, span, now)
        newest = Span(max(span.start, keep.settled(series.timeframe)), span.end)
        if newest.empty:
            return kept
        tail = ask(feed, series, newest)
        return _behind(kept, tail) if isinstance(tail, BarColumns) else None

    def _none(self, symbol: str, timeframe: Timeframe, failed: list[str]) -> str:
        offered = sorted(
            {
                f"{feed.name}: {', '.join(str(frame) for frame in frames_of(feed))}"
                for feed in self._feeds
            }
        )
        said = "".join(f" {why}." for why in failed)
        return (
            f"No feed has {timeframe} bars of {symbol}.{said} There is {'; '.join(offered)}, and "
            "what can be made from those."
        )


def _listed(feed: Feed, symbol: str) -> Instrument | None:
    """The feed's listing; None as well where a live feed is down, which may have kept bars."""
    try:
        return feed.instrument(symbol)
    except DataUnavailable:
        if not feed.live:
            raise
        return None


def frames_of(feed: Feed) -> tuple[Timeframe, ...]:
    """The timeframes that a feed has by itself, shortest first."""
    own = feed.timeframes if isinstance(feed, IntradayFeed) else ()
    return tuple(sorted({*own, DAILY}, key=longest))


def shortest_way(feed: Feed, timeframe: Timeframe) -> Timeframe | None:
    """The feed's own timeframe, else the longest of its that ``timeframe`` can be made from."""
    if offers(feed, timeframe):
        return timeframe
    fitting = [frame for frame in frames_of(feed) if _makes(frame, timeframe)]
    return fitting[-1] if fitting else None


def longer(bars: BarColumns, timeframe: Timeframe, calendar: str, now: datetime) -> BarColumns:
    """Longer bars that were finished at ``now``, from what was known then."""
    return coarsen(bars, Grid(timeframe, calendar), until=now).bars


def _makes(short: Timeframe, long: Timeframe) -> bool:
    if short.intraday and long.intraday:
        return short.length < long.length and not long.length % short.length
    if short.intraday:
        return timedelta(minutes=30) % short.length == timedelta()
    if short.unit is Unit.DAY and short.count == 1:
        return not long.intraday
    return short.unit is long.unit and long.count % short.count == 0


def _behind(kept: BarColumns, tail: BarColumns) -> BarColumns:
    """Both, one a start, with ``known`` that never falls."""
    if not len(tail):
        return kept
    if len(kept):
        tail = tail.where(tail.start > kept.start[-1])
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(kept, name), getattr(tail, name)])
        for name in ("known", "start", "open", "high", "low", "close", "volume")
    }
    joined["known"] = np.maximum.accumulate(joined["known"])
    return replace(kept, **joined)


def _age(age: timedelta) -> str:
    if age >= timedelta(days=2):
        return f"{age.days} days"
    minutes = max(int(age.total_seconds() // 60), 0)
    return f"{minutes // 60} hours" if minutes >= 120 else f"{minutes} minutes"
