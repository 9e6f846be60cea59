"""One symbol on its way through: what comes in, checked, becomes updates of its price and bars."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from tools.domain.errors import InputError
from tools.domain.market import Bar, Quote, Tick
from tools.domain.timeframe import MINUTE, Timeframe
from tools.market_data.aggregation.finished import Finished
from tools.market_data.aggregation.grid import Grid, Hours
from tools.market_data.aggregation.stream import Aggregator
from tools.market_data.columns import moment_of, nanoseconds
from tools.streaming.counts import Counts
from tools.streaming.features import LiveFeatures
from tools.streaming.forming import Forming
from tools.streaming.source import Datum

logger = logging.getLogger(__name__)

Update = dict[str, object]
Features = Callable[[str], LiveFeatures | None]
"""From a timeframe's name."""

PATIENCE = timedelta(seconds=60)
"""A trade may be heard so much later than newer ones and still count."""

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
    ) -> None:
        """``calendar`` as in ``tools.market_data.sessions``; extended hours count."""
        self.symbol, self._counts, self._timeframe = symbol, counts, timeframe
        self._bars = Aggregator(Grid(timeframe, calendar, Hours.EXTENDED))
        self._make, self._forming = forming, forming()
        self._featuring, self._features = features, features(str(timeframe))
        self._whole: dict[str, tuple[Forming, LiveFeatures | None]] = {}
        self._last: datetime | None = None
        self._first: str | None = None

    def put(self, datum: Datum) -> list[Update]:
        """The updates that follow from it, none for what can't be right."""
        counts, at = self._counts, datum.event_time
        if at > datum.known_at + CLOCKS:
            counts.ahead += 1
            return []
        if self._last is not None and at < self._last - PATIENCE:
            counts.old += 1
            return []
        if isinstance(datum, Tick):
            return self._tick(datum)
        return self._quote(datum) if isinstance(datum, Quote) else self._bar(datum)

    def advance(self, moment: datetime) -> list[Update]:
        """Market time has come so far: bars that ended are done, also without a trade."""
        return self._finished(self._bars.advance(nanoseconds(moment)))

    @property
    def featured(self) -> bool:
        """Whether ``features_so_far`` may have something after a trade."""
        return self._features is not None

    def features_so_far(self) -> list[Update]:
        """The features as they would be if the bar under way ended now; costs more than a trade."""
        bar, features = self._bars.under_way(), self._features
        if bar is None or features is None:
            return []
        return self._computed(features.so_far, bar)

    def _computed(
        self, compute: Callable[[Finished], Update | None], bar: Finished
    ) -> list[Update]:  # fmt: skip
        try:
            update = compute(bar)
        except Exception:
            # A person's own feature may fail; the price must come all the same.
            if not self._counts.uncomputed:
                logger.exception("the features of %s could not be computed", self.symbol)
            self._counts.uncomputed += 1
            return []
        return [] if update is None else [update]

    def _tick(self, tick: Tick) -> list[Update]:
        price, size = float(tick.price), float(tick.size)
        if not (tick.price.is_finite() and price > 0 and tick.size.is_finite() and size >= 0):
            self._counts.bad += 1
            return []
        try:
            found = self._finished(self._bars.push_tick(tick))
        except InputError:
            self._counts.bad += 1
            return []
        named = self._forming.tick(price, size)
        if not self._newest(tick.event_time):
            return found
        return [*found, self._price(str(tick.price), tick, named, str(tick.size))]

    def _quote(self, quote: Quote) -> list[Update]:
        if not (quote.bid.is_finite() and quote.ask.is_finite() and 0 < quote.bid <= quote.ask):
            self._counts.bad += 1
            return []
        if not self._newest(quote.event_time):
            return []
        return [
            {
                "type": "quote",
                "symbol": self.symbol,
                "bid": str(quote.bid),
                "ask": str(quote.ask),
                "at": quote.event_time.isoformat(),
            }
        ]

    def _bar(self, bar: Bar) -> list[Update]:
        values = (bar.open, bar.high, bar.low, bar.close, bar.volume)
        if not all(value.is_finite() for value in values) or min(values[:4]) <= 0:
            self._counts.bad += 1
            return []
        length = frame_of(bar)
        if length not in self._whole:
            self._whole[length] = self._make(), self._featuring(length)
        forming, features = self._whole[length]
        plain = [float(value) for value in values]
        named = forming.whole(*plain)
        update: Update = {
            "type": "bar",
            "symbol": self.symbol,
            "timeframe": length,
            "start": bar.event_time.isoformat(),
            "known": bar.known_at.isoformat(),
            **{
                name: str(value)
                for name, value in zip(
                    ("open", "high", "low", "close", "volume"), values, strict=True
                )
            },
            "version": 0,
            "indicators": named,
        }
        updates = [update]
        if features is not None:
            start, known = nanoseconds(bar.event_time), nanoseconds(bar.known_at)
            opens, high, low, close, volume = plain
            row = Finished(start, known, known, opens, high, low, close, volume, 0)
            updates += self._computed(features.finished, row)
        if self._newest(bar.event_time):
            updates.append(self._price(str(bar.close), bar, named, None))
        return updates

    def _price(
        self, price: str, datum: Datum, named: dict[str, float | None], size: str | None
    ) -> Update:
        self._first = self._first or price
        return {
            "type": "price",
            "symbol": self.symbol,
            "price": price,
            "size": size,
            "first": self._first,
            # A bar's close is the price from the bar's end on.
            "at": (datum.known_at if isinstance(datum, Bar) else datum.event_time).isoformat(),
            "indicators": named,
        }

    def _newest(self, at: datetime) -> bool:
        """Whether nothing later was seen; what is late counts in its bar and shows no price."""
        if self._last is not None and at < self._last:
            return False
        self._last = at
        return True

    def _finished(self, bars: list[Finished]) -> list[Update]:
        found: list[Update] = []
        for bar in bars:
            found.append(self._done(bar))
            if self._features is not None:
                found += self._computed(self._features.finished, bar)
        return found

    def _done(self, bar: Finished) -> Update:
        return {
            "type": "bar",
            "symbol": self.symbol,
            "timeframe": str(self._timeframe),
            "start": moment_of(bar.start).isoformat(),
            "known": moment_of(bar.known).isoformat(),
            "open": _text(bar.open),
            "high": _text(bar.high),
            "low": _text(bar.low),
            "close": _text(bar.close),
            "volume": _text(bar.volume),
            "version": bar.version,
            "indicators": self._forming.finish(bar),
        }


def frame_of(bar: Bar) -> str:
    """Its timeframe by its length: 5s, 1m, 1h, and 1d from three hours on."""
    seconds = int((bar.known_at - bar.event_time).total_seconds())
    if seconds > 3 * 3600:
        return "1d"
    for length, unit in ((3600, "h"), (60, "m")):
        if seconds >= length and seconds % length == 0:
            return f"{seconds // length}{unit}"
    return f"{max(seconds, 1)}s"


def _text(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
