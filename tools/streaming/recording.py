"""What a stream said, as columns: trades, quotes and bars of any symbols, as they came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import IntEnum
from math import isnan

import numpy as np
import numpy.typing as npt

from tools.domain.errors import InputError
from tools.domain.market import Bar, Quote, TakenBack, Tick
from tools.market_data.columns import Floats, Times, moment_of, nanoseconds
from tools.streaming.source import Datum


class Kind(IntEnum):
    """What a row is; the numbers are in the files."""

    TICK = 0
    QUOTE = 1
    BAR = 2
    TAKEN = 3


FIGURES = {
    Kind.TICK: ("price", "size"),
    Kind.QUOTE: ("bid", "ask", "bid_size", "ask_size"),
    Kind.BAR: ("open", "high", "low", "close", "volume", "seconds"),
    Kind.TAKEN: ("was_price", "was_size", "right_price", "right_size"),
}
"""``seconds`` is how long a bar is, where it was known later than it ended."""

WIDTH = 6
NEEDED = {Kind.TICK: 1, Kind.QUOTE: 2, Kind.BAR: 4, Kind.TAKEN: 2}
"""How many of the figures a row must have."""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Rows ordered by ``known``, then as they came: the same files always play in the same order.

    ``symbol`` counts into ``symbols``; ``figures`` has shape ``(rows, WIDTH)`` in the order of
    FIGURES, NaN where nobody said. Times are int64 nanoseconds since 1970 UTC. ``left_out`` counts
    the rows of a file that are none: without a price or a moment.
    """

    symbols: tuple[str, ...]
    kind: npt.NDArray[np.uint8]
    symbol: npt.NDArray[np.int32]
    time: Times
    known: Times
    figures: Floats
    left_out: int = 0

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.known)

    def row(self, number: int) -> Datum:
        """One row as the feed gave it, its numbers by their shortest decimals."""
        kind, name = self.kind[number], self.symbols[self.symbol[number]]
        at, known = moment_of(self.time[number]), moment_of(self.known[number])
        values = self.figures[number].tolist()
        if kind == Kind.TICK:
            return Tick(name, exact(values[0]), exact(values[1]), at, known)
        if kind == Kind.QUOTE:
            bid, ask, bid_size, ask_size = values[:4]
            sizes = [None if isnan(size) else exact(size) for size in (bid_size, ask_size)]
            return Quote(
                name, exact(bid), exact(ask), at, known, "replay", False, sizes[0], sizes[1]
            )
        if kind == Kind.TAKEN:
            price, size, *right = (None if isnan(one) else exact(one) for one in values[:4])
            return TakenBack(name, price or Decimal(0), size or Decimal(0), at, known, *right)
        opens, high, low, close = (exact(value) for value in values[:4])
        volume = Decimal(0) if isnan(values[4]) else exact(values[4])
        ends = None if isnan(values[5]) else at + timedelta(seconds=values[5])
        return Bar(name, at.date(), at, known, opens, high, low, close, volume, ends=ends)

    def rows(self) -> Iterator[Datum]:
        """All of them, in order."""
        return (self.row(number) for number in range(len(self)))


def exact(value: float) -> Decimal:
    """A finite number by its shortest decimal."""
    return Decimal(repr(float(value))) if value % 1 else Decimal(int(value))


def gathered(
    symbols: Sequence[str],
    kind: npt.NDArray[np.uint8],
    symbol: npt.NDArray[np.int32],
    time: Times,
    known: Times,
    figures: Floats,
    left_out: int = 0,
) -> Recording:
    """A recording of rows in any order; those without finite first figures are left out."""
    needed = np.array([NEEDED[one] for one in Kind])[kind]
    finite = np.isfinite(figures).cumprod(axis=1).sum(axis=1) >= needed
    rows = np.flatnonzero(finite)
    order = rows[np.argsort(known[rows], kind="stable")]
    if not len(order):
        raise InputError("There is nothing to replay: no row has a moment and a price.")
    return Recording(
        tuple(symbols),
        kind[order],
        symbol[order],
        time[order],
        known[order],
        figures[order],
        left_out + len(kind) - len(order),
    )


def recorded(data: Sequence[Datum]) -> Recording:
    """A recording of what was heard, for a test or the sample's bars."""
    symbols = sorted({datum.symbol for datum in data})
    places = {name: place for place, name in enumerate(symbols)}
    figures = np.full((len(data), WIDTH), np.nan)
    for row, datum in enumerate(data):
        values = figures_of(datum)
        figures[row, : len(values)] = values
    return gathered(
        symbols,
        np.array([kind_of(datum) for datum in data], np.uint8),
        np.array([places[datum.symbol] for datum in data], np.int32),
        np.array([nanoseconds(datum.event_time) for datum in data], np.int64),
        np.array([nanoseconds(datum.known_at) for datum in data], np.int64),
        figures,
    )


def kind_of(datum: Datum) -> Kind:
    """What it is."""
    if isinstance(datum, Tick):
        return Kind.TICK
    if isinstance(datum, TakenBack):
        return Kind.TAKEN
    return Kind.QUOTE if isinstance(datum, Quote) else Kind.BAR


def figures_of(datum: Datum) -> list[float]:
    """Its numbers in the order of FIGURES, NaN where nobody said."""
    found: list[Decimal | float | None]
    if isinstance(datum, TakenBack):
        found = [datum.price, datum.size, datum.right_price, datum.right_size]
    elif isinstance(datum, Bar):
        length = None if datum.ends is None else (datum.ends - datum.event_time).total_seconds()
        found = [datum.open, datum.high, datum.low, datum.close, datum.volume, length]
    else:
        found = [getattr(datum, name) for name in FIGURES[kind_of(datum)]]
    return [float("nan") if value is None else float(value) for value in found]
