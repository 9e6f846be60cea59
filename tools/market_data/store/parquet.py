"""Parts as Parquet files: a folder a series, a file a part.

``bars/source=yahoo/frame=1d/symbol=IBM/*.parquet``: DuckDB, pandas and polars read the
folders' names as columns. A file is written whole and never changed. Many are folded into one by
writing that and then removing them: whoever reads in between meets rows twice, which count once.
So writers need no lock, and one that dies leaves nothing half done. ``quality.json`` beside them is
what was found of the series, and is put in the place of the one before.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from urllib.parse import quote, unquote

import numpy as np

from tools.domain.errors import StateError, TradingError
from tools.domain.timeframe import Timeframe
from tools.market_data.columns import moment_of, nanoseconds
from tools.market_data.store.files import Files, Gone
from tools.market_data.store.parquet_part import PartName, count, damaged, decode, digest, encode
from tools.market_data.store.parts import Holding
from tools.market_data.store.ranges import Span, joined
from tools.market_data.store.rows import Rows
from tools.market_data.store.rows import joined as rows_joined
from tools.market_data.store.series import Kind, Series
from tools.market_data.store.versions import ticks_as_of

# How often a reader looks anew when files are folded under its hands. What it has read it keeps, so
# each look is shorter than the last.
TRIES = 32
# So many parts of one shelf are folded by the writer of the next.
MANY = 16
REPORT = "quality.json"


class ParquetParts:
    """Implements ``Parts`` over ``Files``."""

    def __init__(self, files: Files) -> None:
        """``files`` is the place."""
        self.files = files

    def put(self, series: Series, rows: Rows, covered: Span | None) -> None:
        """See ``Parts``."""
        self._write(series, rows, covered)
        if len(self._names(series)) % MANY == 0:
            self.fold(series)

    def load(self, series: Series, span: Span | None) -> Sequence[Rows]:
        """See ``Parts``."""
        read: dict[PartName, Rows] = {}
        for _ in range(TRIES):
            names = [n for n in self._names(series) if span is None or n.span.meets(span)]
            try:
                for name in names:
                    if name not in read:
                        read[name] = self._cut(self._read(series, name), span)
            except Gone:
                continue
            return [read[name] for name in names if len(read[name])]
        raise StateError(f"{series} is being rewritten all the time; try again in a moment.")

    def covered(self, series: Series) -> tuple[Span, ...]:
        """See ``Parts``."""
        return joined(name.span for name in self._names(series) if name.asked)

    def holdings(self) -> tuple[Holding, ...]:
        """See ``Parts``."""
        found = []
        for series in self._all():
            rows, size, parts = 0, 0, 0
            for name in self._names(series):
                path = f"{folder(series)}/{name}"
                with suppress(Gone):
                    content = self.files.read(path)
                    rows, size = rows + count(content, path), size + len(content)
                    parts += 1
            if parts:
                found.append(Holding(series, rows, parts, size))
        return tuple(sorted(found, key=lambda one: one.series.order))

    def fold(self, series: Series) -> None:
        """See ``Parts``; one part a shelf is what remains."""
        shelves: dict[tuple[bool, str], list[PartName]] = {}
        for name in self._names(series):
            shelves.setdefault((name.asked, _shelf(series, name.span)), []).append(name)
        for (asked, _), names in sorted(shelves.items()):
            if len(names) < 2:
                continue
            try:
                rows = _once([self._read(series, name) for name in names], series.kind)
            except Gone:
                continue  # another process folds the same
            kept = set()
            for span in joined(name.span for name in names):
                inside = rows.between(nanoseconds(span.start), nanoseconds(span.end))
                kept.add(self._write(series, inside, span, asked=asked))
            for name in set(names) - kept:
                self.files.remove(f"{folder(series)}/{name}")

    def keep_report(self, series: Series, report: bytes) -> None:
        """See ``Parts``."""
        self.files.write(f"{folder(series)}/{REPORT}", report)

    def report(self, series: Series) -> bytes | None:
        """See ``Parts``."""
        try:
            return self.files.read(f"{folder(series)}/{REPORT}")
        except Gone:
            return None

    def drop(self, series: Series) -> None:
        """See ``Parts``."""
        self.files.remove(f"{folder(series)}/{REPORT}")
        for name in self._names(series):
            self.files.remove(f"{folder(series)}/{name}")

    def _write(
        self, series: Series, rows: Rows, span: Span | None, *, asked: bool = True
    ) -> PartName:
        content = encode(rows, series.kind)
        if span is None:
            last = moment_of(int(rows.time[-1])) + timedelta(microseconds=1)
            span, asked = Span(moment_of(int(rows.time[0])), last), False
        name = PartName(span, asked, digest(content))
        self.files.write(f"{folder(series)}/{name}", content)
        return name

    def _read(self, series: Series, name: PartName) -> Rows:
        path = f"{folder(series)}/{name}"
        content = self.files.read(path)
        if digest(content) != name.digest:
            raise damaged(path, "it is not what was written")
        return decode(content, series.kind, path)

    def _cut(self, rows: Rows, span: Span | None) -> Rows:
        if span is None:
            return rows
        return rows.between(nanoseconds(span.start), nanoseconds(span.end))

    def _names(self, series: Series) -> list[PartName]:
        """The parts, oldest span first."""
        found = (PartName.parse(name) for name in self.files.names(folder(series)))
        return sorted(
            (name for name in found if name is not None),
            key=lambda name: (name.span, name.asked, name.digest),
        )

    def _all(self) -> list[Series]:
        """Every series that has a folder."""
        found = []
        for kind in Kind:
            for source in self.files.folders(kind):
                for frame in self.files.folders(f"{kind}/{source}"):
                    found += [
                        series
                        for symbol in self.files.folders(f"{kind}/{source}/{frame}")
                        if (series := _series(kind, source, frame, symbol)) is not None
                    ]
        return found


def folder(series: Series) -> str:
    """Where a series lies, below the root."""
    symbol = quote(series.symbol, safe="")
    return f"{series.kind}/source={series.source}/frame={series.frame}/symbol={symbol}"


def _series(kind: Kind, source: str, frame: str, symbol: str) -> Series | None:
    """The series of a folder; None for a folder that is somebody else's."""
    try:
        return Series(
            kind,
            source.removeprefix("source="),
            unquote(symbol.removeprefix("symbol=")),
            Timeframe.parse(frame.removeprefix("frame=")) if kind is Kind.BARS else None,
        )
    except TradingError:
        return None


def _shelf(series: Series, span: Span) -> str:
    """What parts are folded together: all, a year's, or of ticks a day's."""
    start: datetime = span.start
    if series.timeframe is None:
        return f"{start:%Y-%m-%d}"
    return f"{start:%Y}" if series.timeframe.intraday else ""


def _once(parts: Sequence[Rows], kind: Kind) -> Rows:
    """The rows of parts ordered by time; of the same in everything, one."""
    if kind is not Kind.BARS:
        rows = ticks_as_of(parts, kind, None)
        return rows.take(np.argsort(rows.time, kind="stable"))
    rows = rows_joined(parts, kind)
    rows = rows.take(np.lexsort((rows.known, rows.recorded, rows.time)))
    again = np.ones(max(len(rows) - 1, 0), bool)
    for column in (rows.time, rows.known, rows.recorded, *rows.figures.values()):
        again &= (column[1:] == column[:-1]) | (
            (column[1:] != column[1:]) & (column[:-1] != column[:-1])
        )
    return rows.take(np.append([True], ~again)[: len(rows)])
