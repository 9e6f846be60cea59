"""What bars are made of: trades, or shorter bars, as the same columns."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from tools.domain.errors import InputError
from tools.domain.timeframe import Timeframe, Unit
from tools.market_data.aggregation.grid import NOWHERE, Grid
from tools.market_data.columns import BarColumns, Floats, TickColumns, Times

Effects = npt.NDArray[np.uint8]

# What one item may change of its bar; LAST changes the range as well. A bar is made when something
# has set its last price.
LAST: Final = 1
RANGE: Final = 2
VOLUME: Final = 4
ALL: Final = LAST | RANGE | VOLUME

AHEAD: Final = 60 * 10**9
"""Nanoseconds: a trade that says it happened more than a minute after it was heard of is wrong."""


class Item(NamedTuple):
    """One trade or shorter bar; the fields are those of ``Items``."""

    time: int
    known: int
    mark: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    effect: int


@dataclass(frozen=True, slots=True)
class Items:
    """In the order they became known. ``mark`` is the moment up to which each says that time has
    come: a trade's own time, a bar's end. ``effects`` are sums of LAST, RANGE and VOLUME.
    """

    time: Times
    known: Times
    mark: Times
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    effects: Effects

    def take(self, rows: npt.NDArray[np.bool_]) -> Items:
        """Those rows."""
        return Items(*(getattr(self, column.name)[rows] for column in fields(self)))

    def row(self, row: int) -> Item:
        """One of them."""
        return Item(*(getattr(self, column.name)[row].item() for column in fields(self)))


def of_ticks(ticks: TickColumns, effects: Effects | None = None) -> Items:
    """Each trade; InputError for a price or a size that is no finite number.

    ``effects`` says of each what it may change (``conditions``), all when left out.
    """
    _finite(ticks.price, f"price of {ticks.symbol}")
    _finite(ticks.size, f"size of {ticks.symbol}")
    price = ticks.price + 0.0  # a negative zero becomes zero
    every = np.full(len(ticks), ALL, np.uint8) if effects is None else effects
    if len(every) != len(ticks):
        raise InputError(f"There are {len(every)} effects for {len(ticks)} trades.")
    return Items(ticks.time, ticks.known, ticks.time, price, price, price, price, ticks.size, every)


def of_bars(bars: BarColumns, grid: Grid) -> Items:
    """Each shorter bar; InputError where it does not fit into the grid's."""
    fits(bars.timeframe, grid.timeframe)
    for name in ("open", "high", "low", "close"):
        _finite(getattr(bars, name), f"{name} of {bars.symbol}")
    opens, high, low, close = (
        getattr(bars, name) + 0.0 for name in ("open", "high", "low", "close")
    )
    mark = ends(bars.start, bars.timeframe, grid)
    every = np.full(len(bars), ALL, np.uint8)
    return Items(bars.start, bars.known, mark, opens, high, low, close, bars.volume, every)


def ends(start: Times, source: Timeframe, grid: Grid) -> Times:
    """Where each shorter bar ends; InputError for one that begins in one bar and ends in the next.

    Of weeks and months only the start is given: where they end, the next one tells.
    """
    if source.unit in {Unit.WEEK, Unit.MONTH}:
        return start
    if source.unit is Unit.DAY:
        placed = Grid(source, grid.calendar, grid.hours).place(start)
        return np.where(placed.end == NOWHERE, start, placed.end)
    placed = grid.place(start)
    end = start + int(source.length.total_seconds()) * 10**9
    if grid.timeframe.intraday:
        across = (placed.start != NOWHERE) & (end > placed.end) & (placed.end < placed.close)
        if across.any():
            raise InputError(
                f"Bars of {source} that begin as these do don't fit into bars of {grid.timeframe} "
                f"counted from the {grid.align}: choose the other alignment."
            )
    return np.where(placed.start == NOWHERE, end, np.minimum(end, placed.close))


def fits(source: Timeframe, target: Timeframe) -> None:
    """Raises InputError when bars of ``target`` can't be made from whole bars of ``source``."""
    if source.intraday and target.intraday:
        fine = target.length % source.length == source.length * 0
    elif source.intraday or target.intraday:
        fine = source.intraday
    elif source.unit is target.unit:
        fine = target.count % source.count == 0
    else:
        fine = source.unit is Unit.DAY and source.count == 1
    if not fine:
        raise InputError(f"Bars of {target} can't be made from bars of {source}.")


def _finite(column: Floats, what: str) -> None:
    wrong = np.flatnonzero(~np.isfinite(column))
    if len(wrong):
        raise InputError(
            f"The {what} in row {wrong[0]} is {column[wrong[0]]}: clean the data before making "
            "bars of it."
        )
