"""Where bars begin and end: sessions, hours around them, daylight saving, weeks and months."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tools.domain.errors import DataUnavailable, InputError
from tools.domain.timeframe import Timeframe, Unit
from tools.market_data.calendars import EXCHANGES, SATURDAY
from tools.market_data.columns import Times, moment_of, nanoseconds
from tools.market_data.hours import Align, Hours
from tools.market_data.sessions import extended_on, session_on, session_times

NOWHERE = -(2**62)
"""Instead of a bar's start for a moment outside the hours."""

__all__ = ["NOWHERE", "Align", "Grid", "Hours", "Place"]

MONDAY = date(1970, 1, 5)
ONE_DAY = timedelta(days=1)
DAYS = {Unit.DAY: 2, Unit.WEEK: 7, Unit.MONTH: 31}


Parts = list[tuple[int, int, int]]


class Place(NamedTuple):
    """The bars of many moments: each one's start and end, and where its hours end."""

    start: Times
    end: Times
    close: Times


class Grid:
    """The bars of one timeframe on one calendar. Times are int64 nanoseconds since 1970 UTC.

    Bars of several days are counted in weekdays (days, round the clock) from Monday 1970-01-05,
    weeks from that Monday and months from January: where the data begins doesn't move them.
    """

    def __init__(
        self,
        timeframe: Timeframe,
        calendar: str,
        hours: Hours = Hours.REGULAR,
        align: Align = Align.SESSION,
    ) -> None:
        """``calendar`` as in ``tools.market_data.sessions``; InputError for an unknown one."""
        session_times(calendar, MONDAY)
        self.timeframe, self.calendar, self.hours, self.align = timeframe, calendar, hours, align
        self._step = int(timeframe.length.total_seconds()) * 10**9 if timeframe.intraday else 0
        self._from, self._to = 9999, 0
        self._opens = self._closes = self._first = self._last = np.empty(0, np.int64)

    def place(self, times: Times) -> Place:
        """Start (NOWHERE when outside the hours) and end of each moment's bar."""
        if not len(times):
            return Place(times, times, times)
        self._cover(int(times.min()), int(times.max()))
        if not len(self._opens):
            nowhere = np.full(len(times), NOWHERE, np.int64)
            return Place(nowhere, nowhere, nowhere)
        at = np.searchsorted(self._opens, times, side="right") - 1
        inside = (at >= 0) & (times < self._closes[at])
        opens, close, first, last = (
            column[at] for column in (self._opens, self._closes, self._first, self._last)
        )
        if self._step:
            lower = first + (times - first) // self._step * self._step
            last = np.minimum(lower + self._step, close)
            first = np.maximum(lower, opens)
        return Place(
            np.where(inside, first, NOWHERE),
            np.where(inside, last, NOWHERE),
            np.where(inside, close, NOWHERE),
        )

    def bounds(self, time: int) -> tuple[int, int, int]:
        """The same for one moment."""
        found = self.place(np.array([time], np.int64))
        return int(found.start[0]), int(found.end[0]), int(found.close[0])

    def between(self, start: int, end: int) -> Times:
        """The starts of all bars that begin from ``start`` until before ``end``, in order."""
        self._cover(start, end)
        lower, upper = np.searchsorted(self._closes, start), np.searchsorted(self._opens, end)
        opens, first = self._opens[lower:upper], self._first[lower:upper]
        if not self._step:
            found = np.unique(first)
        elif not len(opens):
            return opens
        else:
            # By the clock, the first bar is the one that the opening falls into.
            first = first + (opens - first) // self._step * self._step
            found = np.concatenate(
                [
                    np.maximum(np.arange(begins, close, self._step), open_)
                    for open_, close, begins in zip(
                        opens, self._closes[lower:upper], first, strict=True
                    )
                ]
            )
        return found[(found >= start) & (found < end)]

    def _cover(self, start: int, end: int) -> None:
        """Make sure that the sessions around both moments are known here."""
        count = 0 if self._step else self.timeframe.count
        around = timedelta(days=7 + 2 * count * DAYS.get(self.timeframe.unit, 1))
        try:
            first, last = moment_of(start) - around, moment_of(end) + around
        except OverflowError:
            raise InputError("A time is beyond the calendar.") from None
        if first.year >= self._from and last.year <= self._to:
            return
        self._from, self._to = min(first.year, self._from), max(last.year, self._to)
        self._opens, self._closes, self._first, self._last = _table(
            self.timeframe, self.calendar, self.hours, self.align, self._from, self._to
        )


@lru_cache(maxsize=128)
def _table(
    frame: Timeframe, calendar: str, hours: Hours, align: Align, first: int, last: int
) -> tuple[Times, Times, Times, Times]:
    """Of all hours in those years: opening, end, and the first and last moment of their bars."""
    length = (date(last, 12, 31) - date(first, 1, 1)).days + 1
    days = (date(first, 1, 1) + ONE_DAY * i for i in range(length))
    if frame.intraday:
        parts = [part for day in days for part in _parts(calendar, day, hours, align)]
        opens, closes, anchors = np.array(parts, np.int64).reshape(-1, 3).T.copy()
        return opens, closes, anchors, closes
    whole = [
        (*part, _group(frame, calendar, day))
        for day in days
        for part in _whole(calendar, day, hours)
    ]
    opens, closes, group = np.array(whole, np.int64).reshape(-1, 3).T.copy()
    breaks = np.flatnonzero(np.diff(group, prepend=NOWHERE))
    lengths = np.diff(np.append(breaks, len(group)))
    begins = np.repeat(opens[breaks], lengths)
    return opens, closes, begins, np.repeat(closes[breaks + lengths - 1], lengths)


def _group(frame: Timeframe, calendar: str, day: date) -> int:
    """The number of the bar that a date belongs to."""
    if frame.unit is Unit.MONTH:
        return (day.year * 12 + day.month - 1) // frame.count
    since = (day - MONDAY).days
    if frame.unit is Unit.WEEK:
        return since // 7 // frame.count
    if calendar != "24/7":
        since = since // 7 * 5 + min(since % 7, 5)
    return since // frame.count


def _parts(calendar: str, day: date, hours: Hours, align: Align) -> Parts:
    """The hours of a date that bars below a day are of, each with what they are counted from."""
    session = _known(calendar, day)
    if session is None:
        return []
    opens, closes = (nanoseconds(moment) for moment in session)
    [(early, late)] = _whole(calendar, day, hours)
    parts = [(early, opens), (opens, closes), (closes, late)]
    exchange = EXCHANGES.get(calendar)
    if align is Align.CLOCK and exchange is not None:
        midnight = nanoseconds(datetime.combine(day, datetime.min.time(), exchange.zone))
        return [(lower, upper, midnight) for lower, upper in parts if lower < upper]
    return [(lower, upper, lower) for lower, upper in parts if lower < upper]


def _whole(calendar: str, day: date, hours: Hours) -> list[tuple[int, int]]:
    """The beginning and the end of a date's trading, none where there is none."""
    found = _known(calendar, day)
    if found is not None and hours is Hours.EXTENDED:
        found = _around(calendar, day) or found
    return [] if found is None else [(nanoseconds(found[0]), nanoseconds(found[1]))]


def _known(calendar: str, day: date) -> tuple[datetime, datetime] | None:
    """The session; before or after the years that are known, every weekday's regular hours."""
    try:
        return session_on(calendar, day)
    except DataUnavailable:
        return None if day.weekday() >= SATURDAY else session_times(calendar, day)


def _around(calendar: str, day: date) -> tuple[datetime, datetime] | None:
    try:
        return extended_on(calendar, day)
    except DataUnavailable:
        return None
