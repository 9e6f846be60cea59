from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.domain.errors import InputError
from tools.market_data.sessions import NEW_YORK, session_times, utc_day, xnys


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
def test_every_session_is_half_past_nine_to_four_in_new_york(day):
    opens, closes = (moment.astimezone(NEW_YORK) for moment in xnys(day))
    assert (opens.date(), opens.hour, opens.minute) == (day, 9, 30)
    assert (closes.date(), closes.hour, closes.minute) == (day, 16, 0)


def test_markets_that_never_close_have_whole_days_in_utc():
    assert utc_day(date(2018, 8, 13)) == (
        datetime(2018, 8, 13, tzinfo=UTC),
        datetime(2018, 8, 13, tzinfo=UTC) + timedelta(days=1),
    )
    assert session_times("24/7", date(2018, 8, 13)) == utc_day(date(2018, 8, 13))


def test_an_unknown_calendar_is_refused():
    with pytest.raises(InputError, match="XTKS"):
        session_times("XTKS", date(2018, 8, 13))
