"""An exchange's days as arrays: counting sessions and holidays of many bars at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from tools.domain.errors import DataUnavailable
from tools.indicators.arrays import Floats
from tools.market_data.calendars import SATURDAY
from tools.market_data.columns import Times, nanoseconds
from tools.market_data.sessions import session_on


def numbered(session: Floats) -> Times:
    """Days since 1970 of dates such as 20120601."""
    whole = session.astype(np.int64)
    months = (whole // 10000 - 1970) * 12 + whole // 100 % 100 - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return first + whole % 100 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Each day from ``first`` (since 1970): its session's hours in seconds since 1970 UTC.

    ``opens`` and ``closes`` are NaN without a session, ``known`` is False where nobody can tell.
    ``holidays`` are the weekdays known to be without one.
    """

    first: int
    opens: Floats
    closes: Floats
    known: npt.NDArray[np.bool_]
    holidays: Times

    def hours(self, day: Times) -> tuple[Floats, Floats]:
        """Opening and close of each day's session."""
        return self.opens[day - self.first], self.closes[day - self.first]

    def told(self, day: Times) -> npt.NDArray[np.bool_]:
        """Whether it is known what each day is."""
        return self.known[day - self.first]

    def sessions(self, start: Times, stop: Times) -> Floats:
        """How many there are from ``start`` to before ``stop``; NaN where not all are known."""
        counted = np.concatenate([[0], np.cumsum(~np.isnan(self.opens))])
        doubtful = np.concatenate([[0], np.cumsum(~self.known)])
        a, b = start - self.first, stop - self.first
        return np.where(doubtful[b] > doubtful[a], np.nan, counted[b] - counted[a])


def days_of(calendar: str, session: Floats) -> Days:
    """All days of the years of ``session``, and of one more on either side."""
    if not len(session):
        return _years(calendar, 1970, 1970)
    return _years(calendar, int(session.min() // 10000) - 1, int(session.max() // 10000) + 1)


@lru_cache(maxsize=32)
def _years(calendar: str, first: int, last: int) -> Days:
    begin = datetime(first, 1, 1, tzinfo=UTC).date()
    count = (datetime(last, 12, 31, tzinfo=UTC).date() - begin).days + 1
    opens, closes = np.full(count, np.nan), np.full(count, np.nan)
    known, closed = np.ones(count, np.bool_), []
    start = nanoseconds(datetime(first, 1, 1, tzinfo=UTC)) // (24 * 3600 * 10**9)
    for place in range(count):
        day = begin + timedelta(days=place)
        try:
            hours = session_on(calendar, day)
        except DataUnavailable:
            known[place] = False
            continue
        if hours is not None:
            opens[place], closes[place] = (nanoseconds(moment) / 1e9 for moment in hours)
        elif day.weekday() < SATURDAY:
            closed.append(start + place)
    return Days(start, opens, closes, known, np.array(closed, np.int64))
