"""Sessions, daylight saving, weeks and months."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.domain.errors import InputError
from tools.domain.timeframe import Timeframe
from tools.market_data.aggregation.grid import NOWHERE, Align, Grid, Hours
from tools.market_data.columns import moment_of, nanoseconds

NEW_YORK = ZoneInfo("America/New_York")


def bar(frame, calendar, moment, hours=Hours.REGULAR, align=Align.SESSION):
    start, end, _ = Grid(Timeframe.parse(frame), calendar, hours, align).bounds(nanoseconds(moment))
    return None if start == NOWHERE else (moment_of(start), moment_of(end))


def ny(*parts):
    return datetime(*parts, tzinfo=NEW_YORK)


@pytest.mark.parametrize("day", [(2013, 3, 8), (2013, 3, 11), (2013, 11, 1), (2013, 11, 4)])
def test_a_session_opens_at_half_past_nine_before_and_after_the_clocks_change(day):
    first = bar("1h", "XNYS", ny(*day, 9, 30))
    assert first == (ny(*day, 9, 30), ny(*day, 10, 30))
    assert bar("1h", "XNYS", ny(*day, 15, 59)) == (ny(*day, 15, 30), ny(*day, 16))


def test_hours_by_the_clock_begin_on_the_hour_and_the_first_is_short():
    assert bar("1h", "XNYS", ny(2013, 10, 7, 9, 45), align=Align.CLOCK) == (
        ny(2013, 10, 7, 9, 30),
        ny(2013, 10, 7, 10),
    )
    assert bar("1h", "XNYS", ny(2013, 10, 7, 10, 1), align=Align.CLOCK) == (
        ny(2013, 10, 7, 10),
        ny(2013, 10, 7, 11),
    )


@pytest.mark.parametrize("align", list(Align))
def test_a_bar_never_mixes_the_session_with_the_hours_around_it(align):
    early = bar("1h", "XNYS", ny(2013, 10, 7, 9, 15), Hours.EXTENDED, align)
    late = bar("1h", "XNYS", ny(2013, 10, 7, 16, 15), Hours.EXTENDED, align)
    assert early == (ny(2013, 10, 7, 9), ny(2013, 10, 7, 9, 30))
    assert late == (ny(2013, 10, 7, 16), ny(2013, 10, 7, 17))
    assert bar("1h", "XNYS", ny(2013, 10, 7, 9, 15)) is None


def test_a_short_day_ends_early_and_a_holiday_has_no_bars():
    assert bar("1h", "XNYS", ny(2013, 11, 29, 12, 45)) == (
        ny(2013, 11, 29, 12, 30),
        ny(2013, 11, 29, 13),
    )
    assert bar("1m", "XNYS", ny(2013, 11, 29, 13, 0)) is None
    assert bar("1m", "XNYS", ny(2013, 11, 28, 12, 0)) is None
    assert bar("1d", "XNYS", ny(2013, 11, 28, 12, 0)) is None


def test_the_foreign_exchange_day_turns_at_five_in_new_york():
    for sunday in ((2013, 3, 10), (2013, 3, 3)):
        opened = ny(*sunday, 17)
        assert bar("1d", "24/5", ny(*sunday, 18))[0] == opened
        assert bar("4h", "24/5", ny(*sunday, 18)) == (opened, ny(*sunday, 21))
    assert bar("1d", "24/5", ny(2013, 3, 8, 17)) is None


def test_markets_that_never_close_count_in_utc():
    moment = datetime(2013, 3, 10, 7, 31, tzinfo=UTC)
    assert bar("1h", "24/7", moment) == (moment.replace(minute=0), moment.replace(hour=8, minute=0))
    assert bar("1d", "24/7", moment)[1] - bar("1d", "24/7", moment)[0] == timedelta(days=1)


def test_weeks_and_months_run_from_their_first_opening_to_their_last_close():
    # Good Friday 2013 was 29 March, so both the week and the month ended on Thursday.
    week = bar("1w", "XNYS", ny(2013, 3, 26, 11))
    assert week == (ny(2013, 3, 25, 9, 30), ny(2013, 3, 28, 16))
    month = bar("1mo", "XNYS", ny(2013, 3, 26, 11))
    assert month == (ny(2013, 3, 1, 9, 30), ny(2013, 3, 28, 16))
    assert bar("1w", "XNYS", ny(2013, 3, 26, 20)) is None
    quarter = bar("3mo", "24/7", datetime(2013, 5, 5, tzinfo=UTC))
    assert quarter == (datetime(2013, 4, 1, tzinfo=UTC), datetime(2013, 7, 1, tzinfo=UTC))


def test_days_before_the_known_calendar_are_ordinary_weekdays():
    assert bar("1w", "XNYS", ny(1962, 1, 3, 11)) == (ny(1962, 1, 1, 9, 30), ny(1962, 1, 5, 16))


def test_an_unknown_calendar_is_refused():
    with pytest.raises(InputError, match="calendar 'MARS'"):
        Grid(Timeframe.parse("1m"), "MARS")


@settings(max_examples=40, deadline=None)
@given(
    seconds=st.lists(st.integers(0, 86_400 * 365 * 5), min_size=1, max_size=20),
    frame=st.sampled_from(["5s", "7m", "1h", "4h", "1d", "3d", "2w", "1mo", "5mo"]),
    calendar=st.sampled_from(["XNYS", "XNSE", "24/5", "24/7"]),
    hours=st.sampled_from(list(Hours)),
    align=st.sampled_from(list(Align)),
)
def test_every_moment_lies_in_its_bar_and_bars_do_not_overlap(
    seconds, frame, calendar, hours, align
):
    grid = Grid(Timeframe.parse(frame), calendar, hours, align)
    times = np.array(sorted(seconds), np.int64) * 10**9 + nanoseconds(
        datetime(2010, 1, 1, tzinfo=UTC)
    )
    placed = grid.place(times)
    inside = placed.start != NOWHERE
    assert (placed.start[inside] <= times[inside]).all()
    assert (times[inside] < placed.end[inside]).all()
    assert (placed.end[inside] <= placed.close[inside]).all() or not grid.timeframe.intraday
    edges = sorted({(int(s), int(e)) for s, e in zip(placed.start, placed.end, strict=True)
                    if s != NOWHERE})  # fmt: skip
    assert all(one[1] <= two[0] for one, two in pairwise(edges))
    again = Grid(Timeframe.parse(frame), calendar, hours, align)
    for row, time in enumerate(times):  # where the data begins moves nothing
        assert again.bounds(int(time))[:2] == (placed.start[row], placed.end[row])


def test_the_bars_that_should_be_there_are_listed():
    grid = Grid(Timeframe.parse("1m"), "XNYS")
    day = grid.between(nanoseconds(ny(2013, 10, 7)), nanoseconds(ny(2013, 10, 8)))
    assert len(day) == 390
    clock = Grid(Timeframe.parse("1h"), "XNYS", align=Align.CLOCK)
    hours = clock.between(nanoseconds(ny(2013, 10, 7)), nanoseconds(ny(2013, 10, 8)))
    assert [moment_of(t).astimezone(NEW_YORK).strftime("%H:%M") for t in hours] == [
        "09:30", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00"]  # fmt: skip
    begun = clock.between(nanoseconds(ny(2013, 10, 7, 10, 30)), nanoseconds(ny(2013, 10, 7, 13)))
    assert [moment_of(t).astimezone(NEW_YORK).hour for t in begun] == [11, 12]
    assert len(clock.between(nanoseconds(ny(2013, 10, 5)), nanoseconds(ny(2013, 10, 6)))) == 0
