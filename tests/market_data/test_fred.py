"""FRED's feed against a local server that speaks its documented JSON."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.economic import EconomicFeedContract
from tests.market_data.clocks import SetClock
from tests.market_data.fred_double import KEY, Fred, rows_of
from tests.market_data.rest_double import FAULTS, patience, rest_double
from tools.domain.errors import DataUnavailable, InputError
from tools.market_data.feeds import fred
from tools.market_data.feeds.fred import FredFeed
from tools.market_data.feeds.resilience.failure import Unanswered

NOW = datetime(2013, 1, 2, 15, 0, tzinfo=UTC)


@pytest.fixture
def double():
    with rest_double(Fred()) as running:
        yield running


@pytest.fixture
def feed(double, request):
    return FredFeed(KEY, SetClock(NOW), url=double.url, seconds=patience(request))


class TestContract(EconomicFeedContract):
    @pytest.fixture
    def series(self):
        return "GNP"

    @pytest.fixture
    def now(self):
        return NOW


def test_a_value_is_known_from_the_end_of_its_vintages_day_in_st_louis(feed):
    # Daylight saving time: midnight in St. Louis is 05:00 UTC.
    moment = datetime(2012, 4, 28, 5, 0, tzinfo=UTC)
    row = feed.observations("GNP", moment)[-1]
    assert (row.period, row.value, row.known_at) == (date(2012, 1, 1), Decimal("13502.4"), moment)
    before = feed.observations("gnp ", moment - timedelta(microseconds=1))
    assert before[-1].period == date(2011, 10, 1)


def test_the_past_is_as_it_stood_before_its_revision(feed):
    seen = feed.observations("GNP", datetime(2012, 2, 15, tzinfo=UTC))
    assert [row.value for row in seen] == [Decimal("13323.4")]


def test_a_value_that_fred_has_as_missing_is_none_and_one_withdrawn_is_gone(feed):
    def last(day):
        return feed.observations("GNP", datetime(2012, *day, 12, tzinfo=UTC))[-1]

    assert last((7, 28)).value is None
    assert last((8, 1)).value == Decimal("13558.0")
    assert last((8, 31)).period == date(2012, 1, 1)


def test_one_question_serves_every_moment_for_an_hour(double):
    clock = SetClock(NOW)
    feed = FredFeed(KEY, clock, url=double.url)
    for days in range(5):
        feed.observations("GNP", NOW - timedelta(days=days * 30))
    assert len(double.asked) == 2
    clock.advance(timedelta(hours=1))
    feed.observations("GNP", NOW)
    assert len(double.asked) == 4


VALUES = st.one_of(st.none(), st.sampled_from(["1.0", "2.5", "-3", "withdrawn"]))
DAYS = st.lists(st.integers(0, 60), min_size=1, max_size=8, unique=True).map(sorted)


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.integers(0, 3),
        DAYS.flatmap(lambda days: st.tuples(*(st.tuples(st.just(d), VALUES) for d in days))),
        min_size=1,
        max_size=4,
    ),
    st.integers(1, 5),
    st.integers(1, 3),
)
def test_many_vintages_in_windows_are_as_those_in_one(tables, span, page):
    start = date(2012, 1, 2)
    table = {
        (date(2011, 1, 1) + timedelta(days=period)).isoformat(): [
            ((start + timedelta(days=day)).isoformat(), value) for day, value in vintages
        ]
        for period, vintages in tables.items()
    }
    moments = [datetime(2012, 1, 2, 12, tzinfo=UTC) + timedelta(days=d) for d in range(0, 64, 3)]
    answer = Fred({"X": table}, most=span)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fred, "VINTAGES", span)
        patch.setattr(fred, "ROWS", page)
        feed = FredFeed(KEY, SetClock(NOW))
        asked = {"api_key": KEY}
        patch.setattr(feed._rest, "get", lambda path, query: answer(path, asked | query, {})[1])
        for moment in moments:
            day = moment.date() - timedelta(days=1)  # yesterday's vintage is known today
            expected = [
                (period, None if value == "." else Decimal(value))
                for period, begins, ends, value in rows_of(table)
                if begins <= day <= ends
            ]
            seen = feed.observations("X", moment)
            assert [(row.period.isoformat(), row.value) for row in seen] == sorted(expected)
        patch.setattr(fred, "VINTAGES", 2000)
        answer.most = 2000
        whole = FredFeed(KEY, SetClock(NOW))
        patch.setattr(whole._rest, "get", lambda path, query: answer(path, asked | query, {})[1])
        # The moments since when each was known as well, though a window cuts them.
        for moment in moments:
            assert feed.observations("X", moment) == whole.observations("X", moment)


@pytest.mark.parametrize("series", ["", "GNP;DROP", "../GNP", "A" * 61, "GNP\x00", "ÄÖ"])
def test_what_is_no_series_is_refused_before_anybody_is_asked(feed, double, series):
    with pytest.raises(InputError, match="no series of FRED"):
        feed.observations(series, NOW)
    assert double.asked == []


SAYS = {
    "html": "a web page instead of data",
    "truncated": "broke off or can't be read",
    "empty": "broke off or can't be read",
    "500": r"out of order \(500\)",
    "429": "rate limit",
    "401": "set FRED_API_KEY",
    "redirect": r"out of order \(302\)",
    "hang-up": "could not be reached",
    "silent": r"did not answer within 0\.9 seconds",
    "drip": r"did not answer within 0\.9 seconds",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_told_in_a_sentence_without_the_key(feed, double, fault):
    double.broken = fault
    with pytest.raises(Unanswered, match=f"^FRED.*{SAYS[fault]}.*\\.$") as caught:
        feed.observations("GNP", NOW)
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None
    double.broken = ""
    assert feed.observations("GNP", NOW)


def test_a_rate_limit_says_how_long_to_wait(feed, double):
    double.broken, double.retry_after = "429", "17"
    with pytest.raises(Unanswered) as caught:
        feed.observations("GNP", NOW)
    assert (caught.value.retry_after_s, caught.value.limited) == (17.0, True)


def test_a_wrong_key_is_told_and_not_tried_again(double):
    feed = FredFeed("wrong", SetClock(NOW), url=double.url)
    with pytest.raises(Unanswered, match="set FRED_API_KEY") as caught:
        feed.observations("GNP", NOW)
    assert not caught.value.again


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"vintage_dates": "no"},
        {"vintage_dates": ["2012-13-45"]},
        {"observations": []},
        None,
        {"vintage_dates": [1.5]},
    ],
)
def test_an_answer_of_another_shape_is_not_taken_for_no_data(feed, double, body):
    double.answer = lambda *asked: (200, body)
    with pytest.raises(DataUnavailable, match="FRED's answer can't be read"):
        feed.observations("GNP", NOW)


def test_the_key_is_not_told_to_the_log(feed, caplog):
    with caplog.at_level(logging.DEBUG):
        feed.observations("GNP", NOW)
    assert KEY not in caplog.text
