"""Rows as they lie in a store: every version of each, with when the store took it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.domain.errors import InputError
from tools.market_data.columns import (
    BarColumns,
    Columns,
    Floats,
    QuoteColumns,
    TickColumns,
    Times,
)
from tools.market_data.store.series import FIGURES, Kind, Series

Indices = npt.NDArray[np.intp] | npt.NDArray[np.bool_] | slice


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Columns of one length: ``time`` is a bar's start or a trade's moment (ns since 1970 UTC).

    ``known`` is what the feed said, ``recorded`` when the store took the row in.
    """

    time: Times
    known: Times
    recorded: Times
    figures: Mapping[str, Floats]

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.time)

    def take(self, which: Indices) -> Rows:
        """Some of them, in the order asked for."""
        return Rows(
            self.time[which],
            self.known[which],
            self.recorded[which],
            {name: column[which] for name, column in self.figures.items()},
        )

    def between(self, start: int, end: int) -> Rows:
        """Those that happened from ``start`` until before ``end``."""
        if not len(self) or (start <= self.time.min() and self.time.max() < end):
            return self
        return self.take((self.time >= start) & (self.time < end))


def joined(rows: Sequence[Rows], kind: Kind) -> Rows:
    """All of them behind one another."""
    if len(rows) == 1:
        return rows[0]
    none: Times = np.empty(0, np.int64)
    return Rows(
        np.concatenate([none, *(row.time for row in rows)]),
        np.concatenate([none, *(row.known for row in rows)]),
        np.concatenate([none, *(row.recorded for row in rows)]),
        {
            name: np.concatenate([np.empty(0), *(row.figures[name] for row in rows)])
            for name in FIGURES[kind]
        },
    )


def happened(columns: Columns) -> Times:
    """When each row happened: a bar's start, a trade's or a quote's moment."""
    if isinstance(columns, BarColumns):
        return columns.start
    if isinstance(columns, TickColumns | QuoteColumns):
        return columns.time
    raise InputError(f"{type(columns).__name__} of {columns.symbol} can't be kept.")


def rows_of(series: Series, columns: Columns, recorded: int) -> Rows:
    """A feed's answer as rows; InputError when it is of another series."""
    kind = (
        Kind.BARS
        if isinstance(columns, BarColumns)
        else Kind.TRADES
        if isinstance(columns, TickColumns)
        else Kind.QUOTES
    )
    frame = columns.timeframe if isinstance(columns, BarColumns) else None
    if (kind, columns.symbol, frame) != (series.kind, series.symbol, series.timeframe):
        raise InputError(f"{columns.symbol} {kind} {frame or ''} do not belong to {series}.")
    time = happened(columns)
    found = Rows(
        time,
        columns.known,
        np.full(len(columns), recorded, np.int64),
        {name: getattr(columns, name) for name in FIGURES[kind]},
    )
    ordered = bool((np.diff(time) >= 0).all())
    return found if ordered else found.take(np.argsort(time, kind="stable"))


def columns_of(series: Series, rows: Rows) -> Columns:
    """What a reader gets. Ordered by ``known``, which must be so already."""
    if series.timeframe is not None:
        return BarColumns(
            series.symbol, series.source, rows.known, series.timeframe, rows.time, **rows.figures
        )
    kind = TickColumns if series.kind is Kind.TRADES else QuoteColumns
    return kind(series.symbol, series.source, rows.known, rows.time, **rows.figures)
