"""The rule on short sales after a fall of ten per cent, derived from prices."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tools.domain.market import Bar
from tools.market_data.feeds.short_sale_rule import restricted
from tools.market_data.sessions import session_times

D = Decimal
NO, NEAR = D(0), D("0.02")
FRIDAY, MONDAY, TUESDAY = date(2013, 2, 15), date(2013, 2, 18), date(2013, 2, 19)
WEDNESDAY = date(2013, 2, 20)
NOON = datetime(2013, 2, 20, 17, tzinfo=UTC)


def bar(day, low, close, adjusted=None):
    opens, closes = session_times("XNYS", day)
    top = max(D(low), D(close))
    after = None if adjusted is None else D(adjusted)
    return Bar("IBM", day, opens, closes, top, top, D(low), D(close), D(1000), after)


# The Monday in between is Washington's birthday.
CALM = (bar(FRIDAY, "99", "100"), bar(TUESDAY, "99", "100"))


@pytest.mark.parametrize(
    ("lows", "margin", "held"),
    [
        (["95"], NO, False),
        (["90.01"], NO, False),
        (["90"], NO, True),
        (["95", "89"], NO, True),
        ([], NO, False),  # nothing was traded yet
        (None, NO, None),
        (["92.01"], NEAR, False),
        (["92"], NEAR, None),  # other exchanges may have seen 90
        (["90"], NEAR, True),
    ],
)
def test_a_fall_of_ten_per_cent_today_restricts(lows, margin, held):
    told = None if lows is None else [D(low) for low in lows]
    assert restricted(CALM, told, NOON, margin) is held


def test_a_fall_of_the_session_before_restricts_today_too_over_a_holiday():
    fell = (bar(FRIDAY, "99", "100"), bar(TUESDAY, "90", "95"))
    assert restricted(fell, [D(95)], NOON, NO) is True
    almost = (bar(FRIDAY, "99", "100"), bar(TUESDAY, "90.01", "95"))
    assert restricted(almost, [D(95)], NOON, NO) is False
    # The close of Tuesday is what today's fall is measured from.
    assert restricted(almost, [D("85.50")], NOON, NO) is True


def test_what_fell_two_sessions_ago_is_free_again():
    fell = (bar(FRIDAY, "50", "100"), bar(TUESDAY, "99", "100"))
    assert restricted(fell, [D(100)], NOON, NO) is False


@pytest.mark.parametrize("bars", [CALM[:1], CALM[1:], (), (bar(date(2013, 2, 14), "1", "1"),)])
def test_without_both_sessions_before_nobody_can_tell(bars):
    assert restricted(bars, [D(100)], NOON, NO) is None


@pytest.mark.parametrize("day", [MONDAY, date(2031, 1, 2)])
def test_on_a_holiday_and_beyond_the_calendar_nobody_can_tell(day):
    noon = datetime(day.year, day.month, day.day, 17, tzinfo=UTC)
    assert restricted(CALM, [D(100)], noon, NO) is None


def test_a_reverse_split_overnight_hides_no_fall_and_a_split_is_in_doubt():
    one_for_ten = (bar(FRIDAY, "9.9", "10", "100"), bar(TUESDAY, "9.9", "10", "100"))
    assert restricted(one_for_ten, [D(85)], NOON, NO) is None  # was 10, or 100, as one counts
    assert restricted(one_for_ten, [D(9)], NOON, NO) is True
    two_for_one = (bar(FRIDAY, "99", "100", "50"), bar(TUESDAY, "99", "100", "50"))
    assert restricted(two_for_one, [D(50)], NOON, NO) is None
    earlier = (bar(FRIDAY, "99", "100", "50"), bar(TUESDAY, "49", "50", "50"))
    assert restricted(earlier, [D(50)], NOON, NO) is None
    assert restricted(earlier, [D(45)], NOON, NO) is True


def test_after_the_close_the_settled_day_counts():
    evening = datetime(2013, 2, 20, 22, tzinfo=UTC)
    fell = (*CALM, bar(WEDNESDAY, "89", "99"))
    assert restricted(fell, [D(95)], evening, NO) is True
