"""Which hours a market trades in: its sessions by the calendar, and the extended hours around them.

Holidays and early closes are known. Of a date beyond the calendar nobody can tell: nothing trades.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from tools.domain.errors import DataUnavailable
from tools.market_data.calendars import SATURDAY
from tools.market_data.sessions import extended_on, session_on, session_times, trading_day

DAY = timedelta(days=1)


class Hours(StrEnum):
    """What a moment is on a calendar."""

    REGULAR = "regular"
    EXTENDED = "extended"
    CLOSED = "closed"


def hours(calendar: str, moment: datetime) -> Hours:
    """What ``moment`` (aware) is; New York's extended hours are 04:00 to 20:00 there."""
    found = _day(calendar, trading_day(calendar, moment))
    if found is None:
        return Hours.CLOSED
    opens, closes, early, late = found
    if opens <= moment < closes:
        return Hours.REGULAR
    return Hours.EXTENDED if early <= moment < late else Hours.CLOSED


def session_end(calendar: str, moment: datetime, *, extended: bool) -> datetime:
    """When an order for the day that was sent at ``moment`` ends: with this session or the next.

    Beyond the calendar every weekday is taken for a session: an order must end some time.
    """
    day = trading_day(calendar, moment)
    while True:
        found = _day(calendar, day, guessed=True)
        if found is not None:
            _, closes, _, late = found
            end = late if extended else closes
            if moment < end:
                return end
        day += DAY


@lru_cache(maxsize=4096)
def _day(
    calendar: str, day: date, *, guessed: bool = False
) -> tuple[datetime, datetime, datetime, datetime] | None:
    """Open, close, and the ends of the extended hours; None on a day without a session.

    A day that nobody knows of has none, or the regular hours where that may be ``guessed``.
    """
    try:
        regular, whole = session_on(calendar, day), extended_on(calendar, day)
    except DataUnavailable:
        if not guessed or day.weekday() >= SATURDAY:
            return None
        regular = whole = session_times(calendar, day)
    return None if regular is None or whole is None else (*regular, *whole)
