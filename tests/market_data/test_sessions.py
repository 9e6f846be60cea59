from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.market_data.calendars_made import FOLDER, YEARS, made
from tools.domain.errors import DataUnavailable, InputError
from tools.market_data.feeds.sample import SampleFeed
from tools.market_data.sessions import (
    NEW_YORK,
    extended_on,
    session_on,
    session_times,
    trading_day,
    utc_day,
    xnys,
)
from tools.market_data.symbols import listing


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        (date(2012, 1, 3), (14, 30), (21, 0)),
        (date(2012, 6, 1), (13, 30), (20, 0)),
        # The United States moved the clocks on 11 March 2012, in Europe it was 25 March.
        (date(2012, 3, 9), (14, 30), (21, 0)),
        (date(2012, 3, 12), (13, 30), (20, 0)),
        # Before 2007 daylight saving began in April.
        (date(2006, 3, 31), (14, 30), (21, 0)),
        (date(2013, 3, 1), (14, 30), (21, 0)),
    ],
)
def test_sessions_follow_new_yorks_daylight_saving(day, opens, closes):
    assert xnys(day) == (
        datetime(day.year, day.month, day.day, *opens, tzinfo=UTC),
        datetime(day.year, day.month, day.day, *closes, tzinfo=UTC),
    )


@given(st.dates(date(1970, 1, 1), date(2100, 1, 1)))
def test_a_bar_of_any_day_has_hours_that_open_at_half_past_nine_and_close_by_four(day):
    opens, closes = (moment.astimezone(NEW_YORK) for moment in xnys(day))
    assert (opens.date(), opens.hour, opens.minute) == (day, 9, 30)
    assert closes.date() == day
    assert opens.time() < closes.time() <= time(16)


@pytest.mark.parametrize("day", ["2001-09-11", "2001-09-12", "2001-09-13", "2001-09-14"])
def test_new_york_was_closed_after_the_eleventh_of_september(day):
    assert session_on("XNYS", date.fromisoformat(day)) is None


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2012-10-29", "hurricane Sandy"),
        ("2012-10-30", "hurricane Sandy"),
        ("2013-03-29", "Good Friday"),
        ("2007-01-02", "a president's funeral"),
        ("2025-01-09", "a president's funeral"),
        ("2022-06-20", "Juneteenth on a Sunday"),
        ("2026-11-26", "Thanksgiving"),
        ("2030-12-25", "Christmas"),
        ("2026-11-21", "a Saturday"),
    ],
)
def test_there_is_no_session_on_a_holiday(day, why):
    assert session_on("XNYS", date.fromisoformat(day)) is None
    assert extended_on("XNYS", date.fromisoformat(day)) is None


def test_the_day_after_thanksgiving_closes_at_one_and_for_good_at_five():
    day = date(2013, 11, 29)
    assert local(session_on("XNYS", day)) == ("09:30", "13:00")
    assert local(extended_on("XNYS", day)) == ("04:00", "17:00")
    assert xnys(day) == session_on("XNYS", day)
    assert local(extended_on("XNYS", date(2013, 11, 27))) == ("04:00", "20:00")


@pytest.mark.parametrize("day", [date(1985, 12, 31), date(2031, 1, 2), date(9999, 12, 31)])
def test_beyond_the_calendar_nobody_says_whether_there_is_a_session(day):
    with pytest.raises(DataUnavailable, match="from 1986-01-01 to 2030-12-31 only"):
        session_on("XNYS", day)


def test_the_sessions_of_india_are_known_in_its_own_time():
    day = date(2024, 10, 3)
    assert local(session_on("XNSE", day), "Asia/Kolkata") == ("09:15", "15:30")
    assert session_on("XBOM", date(2024, 10, 2)) is None  # Gandhi Jayanti
    assert session_on("XNSE", date(2024, 8, 15)) is None  # Independence Day
    assert listing("RELIANCE.NS", "", "").calendar == "XNSE"
    assert (listing("TCS.BO", "", "").calendar, listing("TCS.BO", "", "").currency) == (
        "XBOM",
        "INR",
    )


def test_the_foreign_exchange_week_is_from_sunday_to_friday_at_five_in_new_york():
    sunday, friday = (datetime(2013, 3, day, 22, tzinfo=UTC) for day in (3, 8))
    assert session_on("24/5", date(2013, 3, 4)) == (sunday, sunday + timedelta(days=1))
    assert session_on("24/5", date(2013, 3, 8)) == (friday - timedelta(days=1), friday)
    assert session_on("24/5", date(2013, 3, 9)) is None
    assert trading_day("24/5", sunday) == date(2013, 3, 4)
    assert trading_day("24/5", sunday - timedelta(microseconds=1)) == date(2013, 3, 3)
    # The clocks change in the night to a Sunday, when it is closed.
    assert local(session_on("24/5", date(2013, 3, 11))) == ("17:00", "17:00")


@pytest.mark.parametrize("symbol", SampleFeed().symbols())
def test_every_bar_of_the_sample_is_a_session_and_every_session_has_a_bar(symbol):
    days = [bar.session for bar in SampleFeed().bars(symbol)]
    span = (days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days + 1))
    assert days == [day for day in span if session_on("XNYS", day) is not None]


@pytest.mark.parametrize("calendar", list(YEARS))
def test_the_tables_are_those_of_exchange_calendars(calendar):
    assert (FOLDER / f"{calendar}.csv").read_text("ascii") == made(calendar)


def test_asking_for_a_session_loads_neither_pandas_nor_the_library():
    asked = "from tools.market_data.sessions import session_on; from datetime import date; "
    asked += (
        "import sys; session_on('XNYS', date(2013, 3, 1)); session_on('XNSE', date(2013, 3, 1)); "
    )
    asked += "print({'pandas', 'exchange_calendars'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"


def local(times, zone="America/New_York"):
    return tuple(f"{moment.astimezone(ZoneInfo(zone)):%H:%M}" for moment in times)


def test_markets_that_never_close_have_whole_days_in_utc():
    assert utc_day(date(2018, 8, 13)) == (
        datetime(2018, 8, 13, tzinfo=UTC),
        datetime(2018, 8, 13, tzinfo=UTC) + timedelta(days=1),
    )
    assert session_times("24/7", date(2018, 8, 13)) == utc_day(date(2018, 8, 13))


def test_an_unknown_calendar_is_refused():
    with pytest.raises(InputError, match="XTKS"):
        session_times("XTKS", date(2018, 8, 13))
