"""Which hours a market trades in: its sessions by the calendar, and the extended hours around them.

Weekends are known; holidays and early closes are not: on those days no prices come.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from tools.domain.market import aware_utc
from tools.market_data.sessions import NEW_YORK, session_times

EXTENDED_OPEN, EXTENDED_CLOSE = time(4), time(20)
DAY = timedelta(days=1)
SATURDAY = 5


class Hours(StrEnum):
    """What a moment is on a calendar."""

    REGULAR = "regular"
    EXTENDED = "extended"
    CLOSED = "closed"


def hours(calendar: str, moment: datetime) -> Hours:
    """What ``moment`` (aware) is; New York's extended hours are 04:00 to 20:00 there."""
    opens, closes, early, late = _day(calendar, _session_day(calendar, moment))
    if opens <= moment < closes:
        return Hours.REGULAR
    return Hours.EXTENDED if early <= moment < late else Hours.CLOSED


def session_end(calendar: str, moment: datetime, *, extended: bool) -> datetime:
    """When an order for the day that was sent at ``moment`` ends: with this session or the next."""
    day = moment
    while True:
        opens, closes, _, late = _day(calendar, _session_day(calendar, day))
        end = late if extended else closes
        if opens < closes and moment < end:
            return end
        day += DAY


def _session_day(calendar: str, moment: datetime) -> datetime:
    zone = NEW_YORK if calendar == "XNYS" else UTC
    return datetime.combine(moment.astimezone(zone).date(), time(), UTC)


@lru_cache(maxsize=4096)
def _day(calendar: str, day: datetime) -> tuple[datetime, datetime, datetime, datetime]:
    """Open, close, and the ends of the extended hours; all the same on a day without a session."""
    opens, closes = session_times(calendar, day.date())
    if day.weekday() >= SATURDAY and calendar != "24/7":
        return opens, opens, opens, opens
    if calendar != "XNYS":
        return opens, closes, opens, closes
    early = aware_utc(datetime.combine(day.date(), EXTENDED_OPEN, NEW_YORK))
    late = aware_utc(datetime.combine(day.date(), EXTENDED_CLOSE, NEW_YORK))
    return opens, closes, early, late
