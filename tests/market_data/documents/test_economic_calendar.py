"""FRED's release dates as a calendar, against a local server that speaks its documented JSON."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.contracts.documents import HOSTILE, DocumentFeedContract
from tests.market_data.clocks import SetClock
from tests.market_data.rest_double import patience, rest_double
from tools.domain.document import DocumentKind
from tools.domain.errors import DataUnavailable
from tools.market_data.documents import economic_calendar
from tools.market_data.documents.economic_calendar import EconomicCalendarFeed
from tools.market_data.documents.feed import Wanted
from tools.market_data.feeds.resilience.failure import Unanswered

KEY = "abcdefghijklmnopqrstuvwxyz123456"
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
CPI, JOBS = (10, "Consumer Price Index"), (50, "Employment Situation")


def release(kind, day, **more):
    return {
        "release_id": kind[0],
        "release_name": kind[1],
        "release_last_updated": "2026-11-12 07:36:14-06",
        "date": day,
    } | more


class Fred:
    def __init__(self):
        self.releases = [
            release(CPI, "2026-11-12"),
            release(JOBS, "2026-11-06"),
            release((18, HOSTILE), "2026-11-19"),
            release(JOBS, "2026-12-04"),
            release(CPI, "2026-12-10"),
        ]

    def __call__(self, path, query, headers):
        assert path == "/fred/releases/dates"
        if query.get("api_key") != KEY:
            said = "Bad Request.  The value for variable api_key is not registered."
            return 400, {"error_code": 400, "error_message": said}
        assert query["include_release_dates_with_no_data"] == "true"
        assert (query["file_type"], query["sort_order"]) == ("json", "desc")
        first, last = query["realtime_start"], query["realtime_end"]
        rows = [row for row in self.releases if first <= row["date"] <= last]
        rows.sort(key=lambda row: row["date"], reverse=True)
        begin, size = int(query["offset"]), int(query["limit"])
        assert size <= 1000
        body = {"count": len(rows), "offset": begin, "limit": size}
        return 200, body | {"release_dates": rows[begin : begin + size]}


@pytest.fixture
def clock():
    return SetClock(NOW)


@pytest.fixture
def double():
    with rest_double(Fred()) as running:
        yield running


@pytest.fixture
def feed(double, clock, request):
    return EconomicCalendarFeed(KEY, clock, url=double.url, seconds=patience(request))


@pytest.fixture
def wanted():
    return Wanted(NOW - timedelta(days=20), NOW + timedelta(days=30))


@pytest.fixture(params=[1000, 2], ids=["one page", "pages of two"])
def pages(request, monkeypatch):
    monkeypatch.setattr(economic_calendar, "PAGE", request.param)


@pytest.mark.usefixtures("pages")
class TestContract(DocumentFeedContract):
    @pytest.fixture
    def nothing(self):
        return Wanted(NOW - timedelta(days=400), NOW - timedelta(days=300))


def by_key(feed, wanted):
    return {one.key: one for one in feed.documents(wanted)}


def test_an_event_stands_at_the_beginning_of_its_day_in_st_louis_and_claims_no_hour(feed, wanted):
    found = by_key(feed, wanted)
    cpi = found["10/2026-12-10"]
    assert cpi.kind is DocumentKind.EVENT
    assert cpi.event_time == datetime(2026, 12, 10, 6, tzinfo=UTC)
    assert cpi.title == "Consumer Price Index: 2026-12-10"
    assert "Thursday, 10 December 2026. The hour is not told." in cpi.text
    assert cpi.url == "https://fred.stlouisfed.org/release?rid=10"


def test_one_to_come_is_known_since_it_was_fetched(feed, wanted, clock):
    assert by_key(feed, wanted)["10/2026-12-10"].known_at == NOW
    clock.advance(timedelta(hours=3))
    again = by_key(feed, wanted)["10/2026-12-10"]
    assert again.known_at == NOW + timedelta(hours=3)


def test_one_of_the_past_is_known_from_the_end_of_its_day(feed, wanted):
    past = by_key(feed, wanted)["10/2026-11-12"]
    assert past.known_at == datetime(2026, 11, 13, 6, tzinfo=UTC)


def test_the_text_is_the_same_before_and_after(feed, wanted, clock):
    before = by_key(feed, wanted)
    clock.advance(timedelta(days=60))
    after = by_key(feed, wanted)
    assert {key: one.text for key, one in before.items()} == {
        key: one.text for key, one in after.items()
    }


def test_a_day_in_daylight_saving_time_begins_an_hour_earlier(feed, double):
    double.answer.releases = [release(CPI, "2026-07-14")]
    (one,) = feed.documents(Wanted(NOW - timedelta(days=200), NOW))
    assert one.event_time == datetime(2026, 7, 14, 5, tzinfo=UTC)


def test_words_are_looked_for_in_the_names(feed, wanted):
    found = feed.documents(replace(wanted, words="employment"))
    assert [one.key for one in found] == ["50/2026-11-06", "50/2026-12-04"]


def test_the_economy_concerns_no_symbol(feed, double, wanted):
    assert feed.documents(replace(wanted, symbols=("IBM",))) == ()
    assert double.asked == []


def test_a_release_that_comes_twice_is_one_event(feed, double, wanted):
    double.answer.releases = [release(CPI, "2026-12-10")] * 3
    assert len(feed.documents(wanted)) == 1


def test_pages_that_never_end_are_given_up(feed, double, wanted, monkeypatch):
    monkeypatch.setattr(economic_calendar, "PAGE", 1)
    body = {"release_dates": [release(CPI, "2026-12-10")]}
    double.answer = lambda *asked: (200, body)
    with pytest.raises(DataUnavailable, match="ask for a shorter one"):
        feed.documents(wanted)
    assert len(double.asked) == economic_calendar.PAGES


@pytest.mark.parametrize(
    "more",
    [
        {"date": None},
        {"date": "2026-13-45"},
        {"release_id": None},
        {"release_name": None},
        {"release_name": {"a": 1}},
    ],
)
def test_a_row_that_is_not_as_documented_is_left_out_and_told(feed, double, wanted, more):
    rows = [release(CPI, "2026-12-10"), release(JOBS, "2026-12-04") | more]
    double.answer = lambda *asked: (200, {"release_dates": rows})
    assert len(feed.documents(wanted)) == 1
    assert feed.notice() == "FRED: left out 1 not as documented"


def test_a_day_that_was_not_asked_for_does_not_come(feed, double, wanted):
    rows = [release(CPI, day) for day in ("0001-01-01", "9999-12-31", "2026-12-10")]
    double.answer = lambda *asked: (200, {"release_dates": rows})
    assert [one.key for one in feed.documents(wanted)] == ["10/2026-12-10"]


@pytest.mark.parametrize("body", [None, [], {}, {"release_dates": None}, {"release_dates": [5]}])
def test_an_answer_of_another_shape_is_not_taken_for_no_events(feed, double, wanted, body):
    double.answer = lambda *asked: (200, body)
    with pytest.raises(Unanswered, match=r"FRED's answer can't be read"):
        feed.documents(wanted)


def test_a_wrong_key_is_told_without_it_and_not_tried_again(double, clock, wanted):
    with pytest.raises(Unanswered, match="set FRED_API_KEY") as raised:
        EconomicCalendarFeed("wrong-key", clock, url=double.url).documents(wanted)
    assert not raised.value.again
    assert "wrong-key" not in str(raised.value)


def test_the_key_is_not_told_to_the_log(feed, wanted, caplog):
    with caplog.at_level(logging.DEBUG):
        feed.documents(wanted)
    assert KEY not in caplog.text


def test_a_day_is_that_of_st_louis(feed, double):
    # 03:00 UTC is still the day before there.
    span = Wanted(datetime(2026, 11, 12, 3, tzinfo=UTC), datetime(2026, 11, 13, 3, tzinfo=UTC))
    assert [one.key for one in feed.documents(span)] == ["10/2026-11-12"]
    _, query, _ = double.asked[0]
    assert (query["realtime_start"], query["realtime_end"]) == ("2026-11-11", "2026-11-12")
    assert date.fromisoformat(query["realtime_end"]) == date(2026, 11, 12)
