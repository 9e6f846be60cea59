"""Bars from many trades or shorter bars at once: the same bits as ``stream``, in NumPy."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from tools.domain.timeframe import Timeframe
from tools.market_data.aggregation.finished import Aggregated, Finished, collected
from tools.market_data.aggregation.forming import Forming
from tools.market_data.aggregation.grid import NOWHERE, Grid, Place
from tools.market_data.aggregation.grouping import Grouped, group
from tools.market_data.aggregation.items import AHEAD, Effects, Items, of_bars, of_ticks
from tools.market_data.aggregation.stream import HORIZON, NEVER, Aggregator
from tools.market_data.columns import BarColumns, TickColumns, Times, nanoseconds

COLUMNS = ("start", "open", "high", "low", "close", "volume")


def aggregate(
    ticks: TickColumns,
    grid: Grid,
    effects: Effects | None = None,
    patience: timedelta = timedelta(),
    until: datetime | None = None,
) -> Aggregated:
    """Bars of trades. ``until`` says that nothing before it is missing, so that bars which end by
    then are done; without it the last bar is done only when a later trade was seen.

    Raises InputError for prices and sizes that are no finite numbers: clean them first.
    """
    return _fold(of_ticks(ticks, effects), grid, ticks, patience, until)


def coarsen(
    bars: BarColumns,
    grid: Grid,
    patience: timedelta = timedelta(),
    until: datetime | None = None,
) -> Aggregated:
    """Longer bars from shorter ones; a later version of a shorter bar replaces the one before.

    Raises InputError where they don't fit: 2m into 5m, or other alignments.
    """
    items = of_bars(bars, grid)
    if len(np.unique(bars.start)) < len(bars):
        return _one_by_one(items, grid, bars, patience, until)
    return _fold(items, grid, bars, patience, until)


def _fold(
    items: Items,
    grid: Grid,
    of: TickColumns | BarColumns,
    patience: timedelta,
    until: datetime | None,
) -> Aggregated:
    wait = patience // timedelta(microseconds=1) * 1000
    sane = items.time <= items.known + AHEAD
    ahead = len(sane) - int(np.count_nonzero(sane))
    items = items.take(sane) if ahead else items
    placed = grid.place(items.time)
    inside = placed.start != NOWHERE
    now = np.maximum.accumulate(items.mark)
    before = np.concatenate([[NEVER], now[:-1]]) if len(now) else now
    late = inside & (before >= placed.end + wait)
    lost = late & (before - placed.end > HORIZON)
    moment = max(
        int(now[-1]) if len(now) else NEVER, NEVER if until is None else nanoseconds(until)
    )
    on_time = inside & ~late
    if on_time.all():
        bars = group(items, placed.start, placed.end)
    else:
        bars = group(items.take(on_time), placed.start[on_time], placed.end[on_time])
    done = bars.end + wait <= moment
    given = done & bars.priced
    forming = _reopened(bars, placed, late & ~lost)
    versions = _versions(items, placed.start, np.flatnonzero(late & ~lost), forming, wait)
    unpriced = bars.volume[done & ~given & ~np.isin(bars.start, list(forming))].sum()
    unpriced += sum(bar.volume for bar in forming.values() if not bar.priced)
    columns, version = _merged(bars, given, versions, wait, of, grid.timeframe)
    return Aggregated(
        columns,
        version,
        outside=len(inside) - int(np.count_nonzero(inside)),
        late=int(np.count_nonzero(late & ~lost)),
        too_late=int(np.count_nonzero(lost)),
        ahead=ahead,
        unpriced=float(unpriced),
    )


def _reopened(bars: Grouped, placed: Place, late: npt.NDArray[np.bool_]) -> dict[int, Forming]:
    """The bars that late items belong to, as they stood when they were done."""
    touched, first = np.unique(placed.start[late], return_index=True)
    ends, found = placed.end[late][first], np.searchsorted(bars.start, touched)
    forming = {}
    for start, end, at in zip(touched.tolist(), ends.tolist(), found.tolist(), strict=True):
        if at < len(bars.start) and bars.start[at] == start:
            forming[start] = bars.reopened(at)
            forming[start].finished(end)
        else:
            forming[start] = Forming(start, end)
    return forming


def _versions(
    items: Items, start: Times, late: npt.NDArray[np.intp], forming: dict[int, Forming], wait: int
) -> list[Finished]:
    found = []
    for row in late:
        bar = forming[int(start[row])]
        bar.put(items.row(int(row)), replaces=False)
        version = bar.finished(bar.end + wait)
        if version is not None:
            found.append(version)
    return found


def _merged(
    bars: Grouped,
    given: npt.NDArray[np.bool_],
    versions: list[Finished],
    wait: int,
    of: TickColumns | BarColumns,
    timeframe: Timeframe,
) -> tuple[BarColumns, Times]:
    """First and later versions in one, ordered by ``known``, then start and version."""
    table = {name: np.array([getattr(v, name) for v in versions]) for name in Finished._fields}
    known = np.maximum(bars.known, bars.end + wait)
    first = {name: getattr(bars, name)[given] for name in COLUMNS} | {"known": known[given]}
    both = {
        name: np.concatenate([column, table[name].astype(column.dtype)])
        for name, column in first.items()
    }
    version = np.concatenate(
        [np.zeros(np.count_nonzero(given), np.int64), table["version"].astype(np.int64)]
    )
    order = np.lexsort((version, both["start"], both["known"]))
    sorted_ = {name: column[order] for name, column in both.items()}
    columns = BarColumns(symbol=of.symbol, source=of.source, timeframe=timeframe, **sorted_)
    return columns, version[order]


def _one_by_one(
    items: Items,
    grid: Grid,
    bars: BarColumns,
    patience: timedelta,
    until: datetime | None,
) -> Aggregated:
    """Where bars come in several versions: few enough to go through the stream."""
    stream = Aggregator(grid, patience)
    rows = [done for row in range(len(bars)) for done in stream.put(items.row(row), replaces=True)]
    if until is not None:
        rows += stream.advance(nanoseconds(until))
    columns, version = collected(rows, bars.symbol, bars.source, grid.timeframe)
    return Aggregated(
        columns, version, stream.outside, stream.late, stream.too_late, stream.ahead,
        stream.unpriced,
    )  # fmt: skip
