"""Items that were in time, grouped into bars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.market_data.aggregation.forming import Forming
from tools.market_data.aggregation.items import ALL, LAST, RANGE, VOLUME, Items
from tools.market_data.columns import Floats, Times

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Grouped:
    """Bars by start, finished or not; where nothing set a price, ``priced`` is False."""

    start: Times
    end: Times
    known: Times
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    priced: npt.NDArray[np.bool_]
    open_time: Times
    close_time: Times

    def reopened(self, bar: int) -> Forming:
        """One of them as the stream would have it, to go on with."""
        forming = Forming(int(self.start[bar]), int(self.end[bar]))
        forming.known = int(self.known[bar])
        forming.priced = bool(self.priced[bar])
        forming.open_time, forming.close_time = int(self.open_time[bar]), int(self.close_time[bar])
        if forming.priced:
            forming.open, forming.last = float(self.open[bar]), float(self.close[bar])
        forming.high, forming.low = float(self.high[bar]), float(self.low[bar])
        forming.volume = float(self.volume[bar])
        return forming


def group(items: Items, start: Times, end: Times) -> Grouped:
    """One bar for each ``start``; the rules are those of ``forming``."""
    inverse = None
    order: Rows | slice = slice(None)
    if len(items.time) and (np.diff(items.time) < 0).any():
        # Bars lie in time one after the other: sorted by time, they are sorted by bar.
        order = np.argsort(items.time, kind="stable")
        inverse = np.empty(len(start), np.intp)
        inverse[order] = np.arange(len(start))
    placed = start[order]
    fresh = np.diff(placed, prepend=placed[:1] - 1) != 0
    first = np.flatnonzero(fresh)
    number = np.cumsum(fresh) - 1  # of each item's bar, by time
    count = len(first)
    in_turn = number if inverse is None else number[inverse]  # as they arrived
    effects = items.effects[order]
    every = bool((effects == ALL).all())

    def where(effect: int) -> tuple[Rows, Rows]:
        """The rows (by time) that have the effect, and the bar of each."""
        if every:
            return np.arange(len(number)), number
        rows = np.flatnonzero(effects & effect)
        return rows, number[rows]

    known = np.maximum.reduceat(items.known[order], first) if count else items.known[:0]
    open_, close = np.full(count, np.nan), np.full(count, np.nan)
    open_time, close_time = np.zeros(count, np.int64), np.zeros(count, np.int64)
    rows, bar = where(LAST)
    if len(rows):
        begins = np.flatnonzero(np.diff(bar, prepend=-1))
        ends = np.append(begins[1:], len(bar)) - 1
        open_[bar[begins]] = items.open[order][rows[begins]]
        close[bar[begins]] = items.close[order][rows[ends]]
        open_time[bar[begins]] = items.time[order][rows[begins]]
        close_time[bar[begins]] = items.time[order][rows[ends]]
    high, low = np.full(count, -np.inf), np.full(count, np.inf)
    rows, bar = where(LAST | RANGE)
    if len(rows):
        begins = np.flatnonzero(np.diff(bar, prepend=-1))
        high[bar[begins]] = np.maximum.reduceat(items.high[order][rows], begins)
        low[bar[begins]] = np.minimum.reduceat(items.low[order][rows], begins)
    sizes = items.volume if every else np.where(items.effects & VOLUME, items.volume, 0.0)
    # bincount adds one after the other, as the stream does; add.reduceat would add in pairs.
    volume = np.bincount(in_turn, weights=sizes, minlength=count).astype(np.float64)
    return Grouped(
        start=placed[first],
        end=end[order][first],
        known=known,
        open=open_,
        high=high,
        low=low,
        close=close,
        volume=volume,
        priced=~np.isnan(close),
        open_time=open_time,
        close_time=close_time,
    )
