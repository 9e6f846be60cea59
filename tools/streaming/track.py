"""One symbol on its way through: what comes in, checked, becomes updates of its price and bars."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from tools.domain.errors import InputError
from tools.domain.market import Bar, Quote, TakenBack, Tick
from tools.domain.timeframe import MINUTE, Timeframe
from tools.market_data.aggregation.finished import Finished
from tools.market_data.aggregation.grid import NOWHERE, Hours
from tools.market_data.columns import nanoseconds
from tools.streaming.counts import Counts
from tools.streaming.features import LiveFeatures
from tools.streaming.flow import Flow
from tools.streaming.forming import Forming
from tools.streaming.frame import TRADES_KEPT, Frame, correction_of, possible
from tools.streaming.source import Datum
from tools.streaming.told import (
    FEED,
    MINUTES,
    TRADES,
    Update,
    bar_told,
    finished_of,
    frame_of,
    quote_told,
    taken_told,
)

logger = logging.getLogger(__name__)

Features = Callable[[str], LiveFeatures | None]
"""From a timeframe's name."""

PATIENCE = timedelta(seconds=60)
"""A trade may be heard so much later than newer ones and still count."""

SETTLING = timedelta(minutes=15)
"""So long after a bar began its source may still say what it is."""

CLOCKS = timedelta(seconds=60)
"""What happened so long after it was heard of has a wrong time."""


class Track:
    """Not for several threads at once. Prices are text, as everywhere outside; times ISO, UTC."""

    def __init__(
        self,
        symbol: str,
        calendar: str,
        counts: Counts,
        *,
        timeframe: Timeframe = MINUTE,
        forming: Callable[[], Forming] = Forming,
        features: Features = lambda _: None,
        longer: Mapping[Timeframe, LiveFeatures] | None = None,
        flow: Flow | None = None,
    ) -> None:
        """``calendar`` as in ``tools.market_data.sessions``; extended hours count.

        ``longer`` bars are made of those of the ``timeframe``, in regular hours. ``flow`` where
        the features read quotes and trades.
        """
        self.symbol, self._counts, self._flow = symbol, counts, flow
        self._make, self._featuring = forming, features
        self._base = Frame(
            symbol, timeframe, calendar, counts, hours=Hours.EXTENDED, forming=forming(),
            features=features(str(timeframe)), flow=flow, kept=TRADES_KEPT,
        )  # fmt: skip
        self._longer = [
            Frame(symbol, frame, calendar, counts, hours=Hours.REGULAR, forming=Forming(()),
                  features=one)
            for frame, one in (longer or {}).items()
        ]  # fmt: skip
        self._whole: dict[str, tuple[Forming, LiveFeatures | None]] = {}
        self._came: dict[str, Finished] = {}
        self._last: datetime | None = None
        self._first: str | None = None
        self._warm_until = 0
        self._days: Sequence[Finished] = ()

    def warm(self, minutes: Sequence[Finished], days: Sequence[Finished]) -> None:
        """Take in finished bars of before, as prices of now, oldest first, so that features have
        values from the first price on. ``minutes`` are of this track's timeframe.
        """
        self._base.warm(minutes)
        for frame in self._longer:
            if not frame.timeframe.intraday:
                frame.warm(days)
            for bar in minutes:
                frame.warm(frame.bars.push_bar(bar, self._base.timeframe))
        self._days = days
        self._warm_until = minutes[-1].end if minutes else 0

    def put(self, datum: Datum) -> list[Update]:
        """The updates that follow from it, none for what can't be right."""
        counts, at = self._counts, datum.event_time
        if at > datum.known_at + CLOCKS:
            counts.ahead += 1
            return []
        if isinstance(datum, TakenBack):
            return self._taken_back(datum)
        patience = SETTLING if isinstance(datum, Bar) and self._settles(datum) else PATIENCE
        if self._last is not None and at < self._last - patience:
            counts.old += 1
            return []
        if self._last is None:
            self._begin(at if isinstance(datum, Bar) else datum.known_at)
        if isinstance(datum, Tick):
            return self._tick(datum)
        return self._quote(datum) if isinstance(datum, Quote) else self._bar(datum)

    def advance(self, moment: datetime) -> list[Update]:
        """Market time has come so far: bars that ended are done, also without a trade."""
        now = nanoseconds(moment)
        found = self._done(self._base.bars.advance(now), TRADES)
        for frame in self._longer:
            found += frame.told(frame.bars.advance(now), MINUTES)
        return found

    @property
    def featured(self) -> bool:
        """Whether ``features_so_far`` may have something after a trade."""
        return any(frame.features is not None for frame in (self._base, *self._longer))

    def features_so_far(self) -> list[Update]:
        """The features as they would be if the bars under way ended now; costs more than a trade.

        A longer bar has the minute under way in it.
        """
        short = self._base.bars.under_way()
        found = self._base.so_far(short)
        for frame in self._longer:
            found += frame.so_far(frame.with_short(short))
        return found

    def _begin(self, moment: datetime) -> None:
        """Bars that were under way before this are parts, but for what history has of them."""
        now = nanoseconds(moment)
        self._base.begins(now)
        whole = self._warm_until >= now - int(PATIENCE.total_seconds()) * 10**9
        for frame in self._longer:
            frame.begins(0 if whole else now)

    def _tick(self, tick: Tick) -> list[Update]:
        if not possible(tick):
            self._counts.bad += 1
            return []
        if self._flow is not None:  # first: it may end the bar that it is known in
            known = nanoseconds(tick.known_at)
            self._flow.trade(known, float(tick.price), float(tick.size))
        found = self._done(self._base.bars.push_tick(tick), TRADES)
        if not self._newest(tick.event_time):
            return found
        named = self._base.forming.so_far(self._base.bars.under_way())
        return [*found, self._price(str(tick.price), tick, named, str(tick.size))]

    def _quote(self, quote: Quote) -> list[Update]:
        if not (quote.bid.is_finite() and quote.ask.is_finite() and 0 < quote.bid <= quote.ask):
            self._counts.bad += 1
            return []
        if not self._newest(quote.event_time):
            return []
        if self._flow is not None:
            sides = quote.bid, quote.ask, quote.bid_size, quote.ask_size
            figures = (float("nan") if side is None else float(side) for side in sides)
            self._flow.quote(nanoseconds(quote.known_at), *figures)
        return [quote_told(quote)]

    def _taken_back(self, datum: TakenBack) -> list[Update]:
        """The trade, and its bars again where they were given already."""
        if not possible(datum):
            self._counts.bad += 1
            return []
        told = taken_told(datum)
        try:
            return [told, *self._done(self._base.bars.correct(correction_of(datum)), TRADES)]
        except InputError:
            self._counts.uncorrected += 1
            return [told]

    def _bar(self, bar: Bar) -> list[Update]:
        values = (bar.open, bar.high, bar.low, bar.close, bar.volume)
        if not all(value.is_finite() for value in values) or min(values[:4]) <= 0:
            self._counts.bad += 1
            return []
        try:
            updates = self._settled(bar) if self._settles(bar) else self._came_whole(bar)
        except InputError:
            self._counts.bad += 1
            return []
        told = [update for update in updates if update["type"] == "bar"]
        if told and self._newest(bar.event_time):
            named = told[-1]["indicators"]
            updates.append(self._price(str(bar.close), bar, named, None))
        return updates

    def _settles(self, bar: Bar) -> bool:
        """Whether it is one of those that are made of trades here."""
        base = self._base
        start = base.bars.grid.bounds(nanoseconds(bar.event_time))[0]
        return frame_of(bar) == str(base.timeframe) and start != NOWHERE

    def _settled(self, bar: Bar) -> list[Update]:
        """Its source's word on a bar: the bar itself, or a later version of the one of trades."""
        rows = self._base.bars.settle(figures := finished_of(bar))
        theirs = [row for row in rows if row.start == figures.start]
        mine = [row for row in rows if row.start != figures.start]
        return [*self._done(mine, TRADES), *self._done(theirs, bar.source or FEED)]

    def _came_whole(self, bar: Bar) -> list[Update]:
        """Of a length that isn't made here: as it came, each once, and again where it differs."""
        length, row = frame_of(bar), finished_of(bar)
        if length not in self._whole:
            self._whole[length] = self._began(length)
        forming, features = self._whole[length]
        before = self._came.get(length)
        if before is not None and before.start == row.start:
            if before[3:8] == row[3:8]:
                self._counts.old += 1
                return []
            row = row._replace(version=before.version + 1)
        self._came[length] = row
        named, source = forming.finish(row), bar.source or FEED
        found = [bar_told(self.symbol, length, row, named, source)]
        if features is not None:
            found += self._base.computed(features.finished, row)
        return found

    def _began(self, length: str) -> tuple[Forming, LiveFeatures | None]:
        """Indicators and features of such bars, with the days of history where they are days."""
        forming, features = self._make(), self._featuring(length)
        for day in self._days if length == "1d" else ():
            forming.finish(day)
        if features is not None and length == "1d":
            features.warm(self._days)
        return forming, features

    def _price(self, price: str, datum: Datum, named: object, size: str | None) -> Update:
        self._first = self._first or price
        # A bar's close is the price from the bar's end on.
        at = (datum.ends or datum.known_at) if isinstance(datum, Bar) else datum.event_time
        return {
            "type": "price",
            "symbol": self.symbol,
            "price": price,
            "size": size,
            "first": self._first,
            "at": at.isoformat(),
            "indicators": named,
        }

    def _newest(self, at: datetime) -> bool:
        """Whether nothing later was seen; what is late counts in its bar and shows no price."""
        if self._last is not None and at < self._last:
            return False
        self._last = at
        return True

    def _done(self, rows: Sequence[Finished], source: str) -> list[Update]:
        """What follows from bars that are done, and the longer bars that they are in."""
        found = self._base.told(rows, source)
        for row in rows:
            for frame in self._longer:
                found += frame.told(frame.bars.push_bar(row, self._base.timeframe), MINUTES)
        return found
