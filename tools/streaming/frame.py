"""One timeframe of one symbol: its bars, and what is computed from each of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from tools.domain.market import TakenBack, Tick
from tools.domain.timeframe import Timeframe
from tools.market_data.aggregation.finished import Finished
from tools.market_data.aggregation.grid import NOWHERE, Grid, Hours
from tools.market_data.aggregation.stream import Aggregator
from tools.market_data.aggregation.tape import Correction
from tools.market_data.columns import nanoseconds
from tools.streaming.counts import Counts
from tools.streaming.features import NOTHING, LiveFeatures
from tools.streaming.flow import Flow
from tools.streaming.forming import Forming
from tools.streaming.told import MINUTES, TRADES, Update, bar_told

logger = logging.getLogger(__name__)

TRADES_KEPT = 10_000
"""Of one symbol, to work a bar out again when a trade is taken back: a third of a megabyte."""


class Frame:
    """Not for several threads at once; ``bars`` is where its bars are made."""

    def __init__(
        self,
        symbol: str,
        timeframe: Timeframe,
        calendar: str,
        counts: Counts,
        *,
        hours: Hours,
        forming: Forming,
        features: LiveFeatures | None,
        flow: Flow | None = None,
        kept: int = 0,
    ) -> None:
        """``flow`` where quotes and trades count in features; ``kept`` as in Aggregator."""
        self.timeframe, self._symbol, self._counts = timeframe, symbol, counts
        self.bars = Aggregator(Grid(timeframe, calendar, hours), kept=kept)
        self.forming, self.features, self._flow = forming, features, flow
        self._partial_until = 0

    def begins(self, moment: int) -> None:
        """Nothing before this was heard: a bar that is under way then is a part of one."""
        self._partial_until = moment

    def warm(self, bars: Sequence[Finished]) -> None:
        """Take in finished bars of the past."""
        for bar in bars:
            self.forming.finish(bar)
        if self.features is not None:
            self.features.warm(bars)

    def told(self, rows: Sequence[Finished], source: str) -> list[Update]:
        """What follows from bars that are done; ``source`` is who made them."""
        found: list[Update] = []
        made = source in (TRADES, MINUTES)
        for bar in rows:
            named = self.forming.finish(bar)
            update = bar_told(self._symbol, self.timeframe, bar, named, source)
            found.append(self._flagged(update, bar) if made else update)
            if self.features is not None:
                flow = NOTHING if self._flow is None or bar.version else self._flow.finished(bar)
                features = self.features
                found += self.computed(lambda one: features.finished(one, flow), bar)  # noqa: B023
        return found

    def so_far(self, bar: Finished | None) -> list[Update]:
        """The features with a bar that is under way."""
        features = self.features
        if bar is None or features is None:
            return []
        flow = NOTHING if self._flow is None else self._flow.columns(bar)
        return self.computed(lambda one: features.so_far(one, flow), bar)

    def with_short(self, short: Finished | None) -> Finished | None:
        """The bar under way, with a shorter one in it that is not done either."""
        mine = self.bars.under_way()
        if short is None:
            return mine
        start, end, _ = self.bars.grid.bounds(short.start)
        if start == NOWHERE:
            return mine
        if mine is None or start > mine.start:
            return None if start > short.start else short._replace(start=start, end=end, version=0)
        if start < mine.start:
            return mine
        return mine._replace(
            known=max(mine.known, short.known),
            high=max(mine.high, short.high),
            low=min(mine.low, short.low),
            close=short.close,
            volume=mine.volume + short.volume,
        )

    def _flagged(self, update: Update, bar: Finished) -> Update:
        return update | {"partial": True} if bar.start < self._partial_until else update

    def computed(
        self, compute: Callable[[Finished], Update | None], bar: Finished
    ) -> list[Update]:  # fmt: skip
        """What it gives, nothing where that fails."""
        try:
            update = compute(bar)
        except Exception:
            # A person's own feature may fail; the price must come all the same.
            if not self._counts.uncomputed:
                logger.exception("the features of %s could not be computed", self._symbol)
            self._counts.uncomputed += 1
            return []
        return [] if update is None else [self._flagged(update, bar)]


def correction_of(datum: TakenBack) -> Correction:
    """The same for the bars."""
    right = datum.right_price, datum.right_size
    return Correction(
        nanoseconds(datum.event_time),
        float(datum.price),
        float(datum.size),
        nanoseconds(datum.known_at),
        *(None if value is None else float(value) for value in right),
    )


def possible(tick: Tick | TakenBack) -> bool:
    """Whether it has a price above zero and a size."""
    price, size = tick.price, tick.size
    return price.is_finite() and price > 0 and size.is_finite() and size >= 0
