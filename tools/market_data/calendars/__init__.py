"""On which days exchanges trade, and when: holidays, early closes, and the days nobody foresaw.

Each table was made from exchange_calendars 4.13.2, which tests compare it with; the library itself
takes a second to load. The first line of a table names the first and the last day that it speaks
of. Every other line is a day and its open and close in the exchange's own time, empty on a weekday
without a session. On every other day in between the regular hours hold, and weekends are closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

SATURDAY = 5
Hours = tuple[time, time]
Times = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Exchange:
    """``zone`` is its own time, in which ``opens`` and ``closes`` are the regular session's."""

    table: str
    zone: ZoneInfo
    opens: time
    closes: time

    def regular(self, day: date) -> Times:
        """The regular hours of a date (aware UTC), whether there is a session on it or not."""
        return self.moment(day, self.opens), self.moment(day, self.closes)

    def moment(self, day: date, hour: time) -> datetime:
        """An hour of a date in the exchange's own time, as aware UTC."""
        return datetime.combine(day, hour, self.zone).astimezone(UTC)


INDIA = ZoneInfo("Asia/Kolkata")
BOMBAY = Exchange("XBOM", INDIA, time(9, 15), time(15, 30))
EXCHANGES: Mapping[str, Exchange] = {
    "XNYS": Exchange("XNYS", ZoneInfo("America/New_York"), time(9, 30), time(16)),
    "XBOM": BOMBAY,
    # The National Stock Exchange closes on the same days; no table of its own is published.
    "XNSE": BOMBAY,
}


@dataclass(frozen=True, slots=True)
class Table:
    """What is known from ``first`` to ``last``; ``odd`` has None for a day without a session."""

    first: date
    last: date
    odd: Mapping[date, Hours | None]

    def speaks_of(self, day: date) -> bool:
        """Whether anything is known of a date."""
        return self.first <= day <= self.last


@lru_cache(maxsize=len(EXCHANGES))
def table(name: str) -> Table:
    """The table of that name, read once a process."""
    bounds, *lines = files(__name__).joinpath(f"{name}.csv").read_text("ascii").splitlines()
    first, last, _ = bounds.split(",")
    odd: dict[date, Hours | None] = {}
    for line in lines:
        day, opens, closes = line.split(",")
        hours = (time.fromisoformat(opens), time.fromisoformat(closes)) if opens else None
        odd[date.fromisoformat(day)] = hours
    return Table(date.fromisoformat(first), date.fromisoformat(last), odd)
