"""When a market trades: a daily bar happens at its session's open and is known at its close."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tools.domain.errors import DataUnavailable, InputError
from tools.market_data.calendars import EXCHANGES, SATURDAY, Exchange, Times, table

NEW_YORK = ZoneInfo("America/New_York")
ROUND_THE_CLOCK = frozenset({"24/7", "24/5"})
# New York's hours before and after the regular session, in its own time; shorter on a short day.
EARLY, LATE, LATE_ON_A_SHORT_DAY = time(4), time(20), time(17)
# The foreign exchange week turns at five in the afternoon in New York, which begins the next day.
FOREX_TURN = time(17)
ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=32768)
def xnys(session: date) -> tuple[datetime, datetime]:
    """Open and close (aware UTC) of New York's session, as in ``session_times``."""
    return session_times("XNYS", session)


def utc_day(session: date) -> tuple[datetime, datetime]:
    """Midnight to midnight UTC, for markets that don't close."""
    opens = datetime(session.year, session.month, session.day, tzinfo=UTC)
    return opens, opens + timedelta(days=1)


def forex_day(session: date) -> tuple[datetime, datetime]:
    """Five in the afternoon of the day before to five in New York, as UTC, weekends too."""
    turns = (datetime.combine(day, FOREX_TURN, NEW_YORK) for day in (session - ONE_DAY, session))
    opens, closes = (turn.astimezone(UTC) for turn in turns)
    return opens, closes


def session_times(calendar: str, session: date) -> tuple[datetime, datetime]:
    """Open and close (aware UTC) of the session that a daily bar is of, early closes known.

    A bar of a day without a session, or of one beyond what is known, gets the regular hours: it is
    then never taken for known too early. Round the clock (24/7 and 24/5) it is a day in UTC, unless
    the feed's days of 24/5 turn in New York (``forex_day``). Raises InputError for a calendar that
    is not known.
    """
    if calendar in ROUND_THE_CLOCK:
        return utc_day(session)
    exchange = _exchange(calendar)
    return _hours(exchange, session) or exchange.regular(session)


@lru_cache(maxsize=4096)
def session_on(calendar: str, day: date) -> Times | None:
    """Open and close (aware UTC) of the session of a date, None when there is none that day.

    Of 24/5, the foreign exchange, a date's session is from five in the afternoon of the day before
    to five in New York, Monday to Friday. Raises DataUnavailable for a date beyond what is known
    and InputError for a calendar that is not.
    """
    if calendar == "24/7":
        return utc_day(day)
    if calendar == "24/5":
        return None if day.weekday() >= SATURDAY else forex_day(day)
    exchange = _exchange(calendar)
    known = table(exchange.table)
    if not known.speaks_of(day):
        raise DataUnavailable(
            f"The sessions of {calendar} are known from {known.first} to {known.last} only, so "
            f"nobody here can tell whether it trades on {day}. A newer Tollgate may know."
        )
    return _hours(exchange, day)


def extended_on(calendar: str, day: date) -> Times | None:
    """First and last moment of trading on a date, with the hours around the session.

    In New York they are 04:00 to 20:00, and to 17:00 on a day that closes early; elsewhere the
    session's own. None and errors as in ``session_on``.
    """
    regular = session_on(calendar, day)
    if regular is None or calendar != "XNYS":
        return regular
    exchange = _exchange(calendar)
    short = regular[1] < exchange.moment(day, exchange.closes)
    return exchange.moment(day, EARLY), exchange.moment(day, LATE_ON_A_SHORT_DAY if short else LATE)


def trading_day(calendar: str, moment: datetime) -> date:
    """The date whose session ``moment`` (aware) belongs to, or would if there were one."""
    if calendar == "24/7":
        return moment.astimezone(UTC).date()
    if calendar == "24/5":
        local = moment.astimezone(NEW_YORK)
        return local.date() + (ONE_DAY if local.time() >= FOREX_TURN else timedelta())
    return moment.astimezone(_exchange(calendar).zone).date()


def _hours(exchange: Exchange, day: date) -> Times | None:
    """The hours of a date (aware UTC); None on a holiday or a weekend."""
    odd = table(exchange.table).odd
    if day in odd:
        found = odd[day]
        return None if found is None else _both(exchange, day, found)
    return None if day.weekday() >= SATURDAY else exchange.regular(day)


def _both(exchange: Exchange, day: date, hours: tuple[time, time]) -> Times:
    return exchange.moment(day, hours[0]), exchange.moment(day, hours[1])


def _exchange(calendar: str) -> Exchange:
    try:
        return EXCHANGES[calendar]
    except KeyError:
        raise InputError(
            f"No session times are known for the calendar {calendar!r}; use "
            f"{', '.join(EXCHANGES)}, 24/5 or 24/7."
        ) from None
