"""When a session opens and closes: a daily bar happens at its open and is known at its close."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tools.domain.errors import InputError

NEW_YORK = ZoneInfo("America/New_York")
OPEN = time(9, 30)
CLOSE = time(16, 0)
ROUND_THE_CLOCK = frozenset({"24/7", "24/5"})


@lru_cache(maxsize=32768)
def xnys(session: date) -> tuple[datetime, datetime]:
    """Open and close (aware UTC) of New York's regular session on a date: 09:30 to 16:00 there.

    Daylight saving is the zone's own. Early closes are not known here: on those days the bar is
    known three hours later than it could be, which errs on the side of seeing less.
    """
    opens = datetime.combine(session, OPEN, NEW_YORK).astimezone(UTC)
    # The clocks change on Sunday nights: within a session, six and a half hours are just that.
    return opens, opens + timedelta(hours=6, minutes=30)


def utc_day(session: date) -> tuple[datetime, datetime]:
    """Midnight to midnight UTC, for markets that don't close."""
    opens = datetime(session.year, session.month, session.day, tzinfo=UTC)
    return opens, opens + timedelta(days=1)


def session_times(calendar: str, session: date) -> tuple[datetime, datetime]:
    """Open and close of ``session`` on a calendar (XNYS, 24/7 or 24/5), aware UTC.

    Raises InputError for a calendar that is not known.
    """
    if calendar == "XNYS":
        return xnys(session)
    if calendar in ROUND_THE_CLOCK:
        return utc_day(session)
    raise InputError(f"No session times are known for the calendar {calendar!r}; use XNYS or 24/7.")
