"""Bars as trades or shorter bars come in, one by one: the same bits as ``batch``."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from tools.domain.errors import InputError
from tools.domain.market import Tick
from tools.domain.timeframe import Timeframe, Unit
from tools.market_data.aggregation.finished import Finished
from tools.market_data.aggregation.forming import Forming
from tools.market_data.aggregation.grid import NOWHERE, Grid
from tools.market_data.aggregation.items import AHEAD, ALL, Item, ends, fits
from tools.market_data.aggregation.tape import Correction, Tape
from tools.market_data.columns import nanoseconds

HORIZON = 24 * 3600 * 10**9
"""Nanoseconds after a bar's end in which a late trade still changes it."""

NEVER = -(2**62)


class Aggregator:
    """Give it what happened in the order it became known; it gives back the bars that are done.

    A bar is done when something of its end or later (and ``patience`` after it) was seen, or
    ``advance`` says that this moment has come. What comes for it later makes a new version. The
    counts are those of ``Aggregated``. Not for several threads at once.
    """

    def __init__(self, grid: Grid, patience: timedelta = timedelta(), kept: int = 0) -> None:
        """``patience`` is how long a bar waits after its end for late trades.

        About the last ``kept`` trades are held, of whole bars, so that ``correct`` finds them.
        """
        self.grid = grid
        self.outside = self.late = self.too_late = self.ahead = 0
        self._patience = patience // timedelta(microseconds=1) * 1000
        self._now = NEVER
        self._open: dict[int, Forming] = {}
        self._done: dict[int, Forming] = {}
        self._last: tuple[int, int] = (0, 0)
        self._gone = 0.0
        self._most, self._held = kept, 0
        frame = grid.timeframe
        # A week has nights and weekends inside, which belong to no bar.
        self._solid = frame.intraday or (frame.count == 1 and frame.unit is Unit.DAY)

    @property
    def unpriced(self) -> float:
        """The volume so far in finished bars where nothing set a price."""
        return sum((bar.volume for bar in self._done.values() if not bar.priced), 0.0) + self._gone

    def push(
        self, time: int, known: int, price: float, size: float, effect: int = ALL
    ) -> list[Finished]:
        """A trade; InputError for a price or size that is no finite number, which changes nothing.

        Times are nanoseconds since 1970 UTC; ``effect`` as in ``items``.
        """
        if not (abs(price) < np.inf and abs(size) < np.inf):
            raise InputError(f"A trade at {price} of {size} can't make a bar.")
        price += 0.0
        return self.put(Item(time, known, time, price, price, price, price, size, effect))

    def push_tick(self, tick: Tick, effect: int = ALL) -> list[Finished]:
        """The same for one Tick."""
        return self.push(
            nanoseconds(tick.event_time),
            nanoseconds(tick.known_at),
            float(tick.price),
            float(tick.size),
            effect,
        )

    def push_bar(self, bar: Finished, source: Timeframe) -> list[Finished]:
        """A shorter bar; a version of one that came before replaces it. InputError: doesn't fit.

        One without prices says that there is no such bar any more.
        """
        if bar.close != bar.close and not bar.volume:
            return self._withdraw(bar)
        if not all(abs(value) < np.inf for value in bar[3:7]):
            raise InputError("A bar without finite prices can't be part of a longer one.")
        fits(source, self.grid.timeframe)
        mark = int(ends(np.array([bar.start], np.int64), source, self.grid)[0])
        opens, high, low, close = (value + 0.0 for value in bar[3:7])
        item = Item(bar.start, bar.known, mark, opens, high, low, close, bar.volume, ALL)
        return self.put(item, replaces=True)

    def correct(self, wrong: Correction) -> list[Finished]:
        """A trade that was taken back: the new version of its bar, if that one was given already.

        A bar of which nothing is left has NaN prices and no volume. Raises InputError for a trade
        that isn't there, or that is no longer held.
        """
        start, _ = self._bounds(wrong.time)
        bar = self._open.get(start) or self._done.get(start)
        before = 0 if bar is None or bar.tape is None else len(bar.tape)
        if bar is None or not bar.put_right(wrong):
            raise InputError(
                f"A correction takes back a trade at {wrong.price} of {wrong.size} that isn't held."
            )
        self._held -= before - len(bar.tape or ())
        if start in self._open or not bar.version:
            return []
        return [bar.finished(bar.end + self._patience) or bar.emptied()]

    def settle(self, theirs: Finished) -> list[Finished]:
        """The bar as its source gives it, when it is over: a version, unless it says the same.

        Late trades change it no more; another word of the source does. InputError: doesn't fit.
        """
        start, end = self._bounds(theirs.start)
        if start == NOWHERE:
            self.outside += 1
            return []
        if (start, end) != theirs[:2]:
            raise InputError(f"A bar that is none of {self.grid.timeframe} can't settle one.")
        if self._now - end > HORIZON:
            self.too_late += 1
            return []
        self._now = max(self._now, end)
        bar = self._open.pop(start, None)
        found = self._close()
        bar = bar or self._done.get(start) or self._made(start, end)
        self._done[start] = bar
        row = None
        if bar.settle(theirs) or not bar.version:
            row = bar.finished(bar.end + self._patience)
        return found if row is None else [*found, row]

    def advance(self, moment: int) -> list[Finished]:
        """Time has come so far (nanoseconds): bars that end by then are done."""
        self._now = max(self._now, moment)
        return self._close()

    def under_way(self) -> Finished | None:
        """The latest bar that is not done, as if it ended now; None without one, or its price."""
        return self._open[max(self._open)].so_far() if self._open else None

    def put(self, item: Item, *, replaces: bool = False) -> list[Finished]:
        """One item of either kind."""
        if item.time > item.known + AHEAD:
            self.ahead += 1
            return []
        start, end = self._bounds(item.time)
        found: list[Finished] = []
        if start == NOWHERE:
            self.outside += 1
        elif self._now >= end + self._patience:
            found = self._restate(item, start, end, replaces)
        else:
            if start not in self._open:
                self._open[start] = self._made(start, end)
            self._open[start].put(item, replaces)
            self._hold(self._open[start])
        if item.mark > self._now:
            self._now = item.mark
            found += self._close()
        return found

    def _made(self, start: int, end: int) -> Forming:
        return Forming(start, end, Tape() if self._most else None)

    def _hold(self, bar: Forming) -> None:
        """Count one more trade of the bar, and let go of those of the oldest bars."""
        if bar.tape is None:
            return
        self._held += 1
        while self._held > self._most:
            held = (one for one in (*self._done.values(), *self._open.values()) if one.tape)
            oldest = min(held, key=lambda one: one.start)
            self._held -= len(oldest.tape or ())
            oldest.tape = None

    def _withdraw(self, bar: Finished) -> list[Finished]:
        start, _ = self._bounds(bar.start)
        whole = self._open.get(start) or self._done.get(start)
        if whole is None or bar.start not in whole.parts:
            return []
        whole.without(bar.start, bar.known)
        if start in self._open:
            return []
        return [whole.finished(whole.end + self._patience) or whole.emptied()]

    def _bounds(self, time: int) -> tuple[int, int]:
        start, end = self._last
        if not start <= time < end:
            start, end, _ = self.grid.bounds(time)
            self._last = (start, end) if self._solid else (0, 0)
        return start, end

    def _restate(self, item: Item, start: int, end: int, replaces: bool) -> list[Finished]:
        if self._now - end > HORIZON:
            self.too_late += 1
            return []
        self.late += 1
        bar = self._done.get(start)
        if bar is None:
            bar = self._done[start] = self._made(start, end)
        bar.put(item, replaces)
        self._hold(bar)
        if bar.settled:
            return []
        row = bar.finished(end + self._patience)
        return [] if row is None else [row]

    def _close(self) -> list[Finished]:
        done = [bar for bar in self._open.values() if bar.end + self._patience <= self._now]
        if not done:
            return []
        found = []
        for bar in sorted(done, key=lambda bar: bar.start):
            self._done[bar.start] = self._open.pop(bar.start)
            row = bar.finished(bar.end + self._patience)
            if row is not None:
                found.append(row)
        while self._done:
            oldest = next(iter(self._done.values()))
            if self._now - oldest.end <= HORIZON:
                break
            del self._done[oldest.start]
            self._held -= len(oldest.tape or ())
            self._gone += 0.0 if oldest.priced else oldest.volume
        return found
