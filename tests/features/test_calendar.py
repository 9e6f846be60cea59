"""The calendar's features against days that everybody knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from tests.features.made import daily, minutes, sessions
from tools.features.days import numbered
from tools.features.registry import find
from tools.market_data.sessions import session_on


def column(name, inputs):
    row, _, only = find(name)
    return row.run(inputs, {})[only or name]


def dated(day, calendar="XNYS"):
    """One bar of a date."""
    made = replace(daily(1), calendar=calendar)
    return replace(made, session=np.array([float(f"{day:%Y%m%d}")]))


DAYS = daily(600)


def day_of(number):
    whole = int(number)
    return date(whole // 10000, whole // 100 % 100, whole % 100)


def test_weekdays_and_months_are_pythons():
    days = [day_of(number) for number in DAYS.session]
    assert column("weekday", DAYS).tolist() == [day.weekday() for day in days]
    assert column("month", DAYS).tolist() == [day.month for day in days]


def test_days_are_counted_as_numpy_does_far_back_and_ahead():
    dates = ["1900-02-28", "1969-12-31", "1970-01-01", "2000-02-29", "2099-12-31"]
    numbers = np.array([float(text.replace("-", "")) for text in dates])
    assert numbered(numbers).tolist() == np.array(dates, "datetime64[D]").astype(int).tolist()


@pytest.mark.parametrize(
    ("day", "since", "until"),
    [
        (date(2015, 7, 2), 38, 1),  # Memorial Day was 25 May; the fourth was kept on Friday
        (date(2015, 11, 25), 60, 1),  # Thanksgiving; Labor Day was 79 days ago
        (date(2015, 11, 27), 1, 28),
        (date(2015, 12, 31), 6, 1),
    ],
)
def test_holidays_of_new_york(day, since, until):
    assert column("days_since_holiday", dated(day))[0] == since
    assert column("days_to_holiday", dated(day))[0] == until


def test_sessions_of_a_month_are_counted_on_both_sides():
    into, left = column("sessions_into_month", DAYS), column("sessions_to_month_end", DAYS)
    for row in (0, 19, 20, 250, 599):
        day = day_of(DAYS.session[row])
        month = [date(day.year, day.month, n) for n in range(1, _last(day) + 1)]
        open_ = [d for d in month if session_on("XNYS", d) is not None]
        assert into[row] == open_.index(day)
        assert left[row] == len(open_) - 1 - open_.index(day)


def _last(day):
    after = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return (after - date(day.year, day.month, 1)).days


def test_a_daily_bar_is_known_at_the_end_of_its_session_and_a_short_one_is_short():
    assert column("session_place", DAYS) == pytest.approx(np.ones(600))
    hours = dict(zip(DAYS.session, column("session_hours", DAYS), strict=True))
    assert hours[20151127.0] == 3.5
    assert hours[20151130.0] == 6.5


def test_a_minute_knows_how_far_the_session_is():
    made = minutes(1)
    place = column("session_place", made)
    assert place[0] == pytest.approx(1 / 390)
    assert place[-1] == 1


def test_a_market_that_never_closes_has_no_holidays():
    crypto = dated(date(2015, 7, 4), "24/7")
    assert np.isnan(column("days_to_holiday", crypto)[0])
    assert column("session_hours", crypto)[0] == 24
    assert column("sessions_to_month_end", crypto)[0] == 27


@pytest.mark.parametrize("day", [date(1850, 3, 1), date(2300, 3, 1)])
def test_beyond_what_is_known_the_answer_is_nan(day):
    for name in ("days_to_holiday", "sessions_to_month_end", "session_hours"):
        assert np.isnan(column(name, dated(day))[0]), name
    assert column("weekday", dated(day))[0] == day.weekday()


def test_india_has_holidays_of_its_own():
    day = sessions(1, "XBOM", date(2019, 8, 14))[0][0]
    assert column("days_to_holiday", dated(day, "XBOM"))[0] == 1  # independence day
