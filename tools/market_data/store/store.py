"""The store of prices: what was known when, whatever the place it lies in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.domain.errors import InputError
from tools.domain.market import aware_utc
from tools.market_data.columns import BarColumns, Columns, Times, moment_of, nanoseconds
from tools.market_data.store.parts import Holding, Parts
from tools.market_data.store.ranges import Span
from tools.market_data.store.rows import Rows, columns_of, rows_of
from tools.market_data.store.rows import joined as rows_joined
from tools.market_data.store.series import FIRST, LAST, Kind, Series
from tools.market_data.store.versions import bars_as_of, ticks_as_of
from tools.ports import Clock


class MarketStore:
    """Implements reading and keeping over any ``Parts``; ``clock.wall()`` dates what comes in."""

    def __init__(self, parts: Parts, clock: Clock) -> None:
        """``parts`` is the place."""
        self.parts = parts
        self._clock = clock

    def append(self, series: Series, columns: Columns, covered: Span | None = None) -> int:
        """Keep a feed's answer; the number of rows that are new or restated.

        ``covered`` is the span that was asked, in which the feed has no other rows. Rows that are
        there already are left out. A row that is missing where it was asked for before came late,
        and one with other figures was restated: neither is seen as of a moment before now. Raises
        InputError for rows of another series, outside of ``covered``, or known before they
        happened.
        """
        rows = rows_of(series, columns, nanoseconds(self._clock.wall()))
        _check(series, rows, covered)
        there = self.parts.covered(series)
        rows = self._news(series, rows, there)
        asked_before = covered is None or any(
            span.start <= covered.start and covered.end <= span.end for span in there
        )
        if len(rows) or not asked_before:
            self.parts.put(series, rows, covered)
        return len(rows)

    def read(
        self,
        series: Series,
        span: Span | None = None,
        as_of: datetime | None = None,
        *,
        restated: bool = True,
    ) -> Columns:
        """What happened in ``span`` as it was known at ``as_of`` (aware), now without one.

        Bars: one a start, oldest first, the last version then known, or with ``restated`` False
        the first; their ``known`` never falls (see ``bars_as_of``). Trades and quotes: ordered by
        ``known``. Empty when there is nothing.
        """
        moment = None if as_of is None else nanoseconds(aware_utc(as_of, "as_of"))
        parts = self.parts.load(series, span)
        if series.kind is not Kind.BARS:
            return columns_of(series, ticks_as_of(parts, series.kind, moment))
        rows = rows_joined(parts, series.kind)
        return columns_of(series, bars_as_of(rows, moment, restated=restated))

    def bars(
        self, series: Series, span: Span | None = None, as_of: datetime | None = None
    ) -> BarColumns:
        """``read`` of a series of bars; InputError for one of another kind."""
        found = self.read(series, span, as_of)
        if not isinstance(found, BarColumns):
            raise InputError(f"{series} are no bars.")
        return found

    def covered(self, series: Series) -> tuple[Span, ...]:
        """What was asked of the source and answered, oldest first, joined."""
        return self.parts.covered(series)

    def holdings(self) -> tuple[Holding, ...]:
        """Every series that is kept, in order."""
        return self.parts.holdings()

    def keep_report(self, series: Series, report: Mapping[str, object]) -> dict[str, Any]:
        """Keep what was found of a series, in the place of an earlier report; with ``checked``."""
        told = {**report, "checked": self._clock.wall().isoformat()}
        self.parts.keep_report(series, json.dumps(told, allow_nan=False).encode())
        return told

    def report(self, series: Series) -> dict[str, Any] | None:
        """What was found last; None without a report, or with one that can't be read any more."""
        kept = self.parts.report(series)
        try:
            found = None if kept is None else json.loads(kept)
        except ValueError:
            return None
        whole = isinstance(found, dict) and {"score", "findings", "checked"} <= set(found)
        return found if whole else None

    def compact(self, series: Series) -> None:
        """Make few files of many; nothing that can be read changes."""
        self.parts.fold(series)

    def forget(self, series: Series) -> None:
        """Remove every row of it, what was covered, and its report."""
        self.parts.drop(series)

    def _news(self, series: Series, rows: Rows, there: tuple[Span, ...]) -> Rows:
        """What of ``rows`` the store doesn't say already, late rows dated when they came."""
        if not len(rows):
            return rows
        parts = self.parts.load(series, Span(moment_of(rows.time[0]), _after(rows.time[-1])))
        if series.kind is not Kind.BARS:
            before = len(ticks_as_of(parts, series.kind, None))
            after = len(ticks_as_of([*parts, rows], series.kind, None))
            # Which of them are new is found out when they are read.
            return rows if after > before else rows.take(slice(0, 0))
        old = bars_as_of(rows_joined(parts, series.kind), None)
        place = np.minimum(np.searchsorted(old.time, rows.time), max(len(old) - 1, 0))
        found = np.zeros(len(rows), bool) if not len(old) else old.time[place] == rows.time
        same = found.copy()
        for name, column in rows.figures.items():
            if len(old):
                before_it = old.figures[name][place]
                same &= (before_it == column) | (np.isnan(before_it) & np.isnan(column))
        late = ~found & _inside(rows.time, there)
        known = np.where(late, np.maximum(rows.known, rows.recorded), rows.known)
        # A clock that was set back must not make an older version the newer one.
        newest = max((int(part.recorded.max()) for part in parts), default=0)
        recorded = np.maximum(rows.recorded, newest + 1) if len(old) else rows.recorded
        return Rows(rows.time, known, recorded, rows.figures).take(~same)


def _check(series: Series, rows: Rows, covered: Span | None) -> None:
    """Raises InputError for what no feed can have meant."""
    if covered is not None and (covered.empty or covered.start < FIRST or covered.end > LAST):
        raise InputError(f"{series}: from {covered.start} to {covered.end} is no span of time.")
    if not len(rows):
        return
    if covered is not None and not (
        nanoseconds(covered.start) <= rows.time[0] and rows.time[-1] < nanoseconds(covered.end)
    ):
        raise InputError(f"{series}: some rows lie outside of the span that was asked for.")
    if (rows.known < rows.time).any():
        raise InputError(f"{series}: some rows are known before they happened.")


def _inside(time: Times, spans: tuple[Span, ...]) -> npt.NDArray[np.bool_]:
    """Which moments lie in one of the spans."""
    found = np.zeros(len(time), bool)
    for span in spans:
        found |= (time >= nanoseconds(span.start)) & (time < nanoseconds(span.end))
    return found


def _after(time: int) -> datetime:
    """The first whole microsecond after ``time``."""
    return moment_of(int(time)) + timedelta(microseconds=1)
