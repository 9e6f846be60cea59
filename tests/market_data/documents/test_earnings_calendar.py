"""Finnhub's calendar of earnings against a local server that speaks its documented JSON."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.documents import HOSTILE, DocumentFeedContract
from tests.market_data.clocks import SetClock
from tests.market_data.rest_double import patience, rest_double
from tools.domain.document import DocumentKind
from tools.domain.errors import DataUnavailable, InputError
from tools.market_data.documents import earnings_calendar
from tools.market_data.documents.earnings_calendar import EarningsCalendarFeed
from tools.market_data.documents.feed import Wanted
from tools.market_data.feeds.resilience.failure import Unanswered

KEY = "finnhub-key-of-the-tests"
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


def report(symbol, day, **more):
    return {
        "symbol": symbol,
        "date": day,
        "hour": "amc",
        "quarter": 4,
        "year": 2026,
        "epsEstimate": 2.5125,
        "epsActual": None,
        "revenueEstimate": 111468787296,
        "revenueActual": None,
    } | more


class Finnhub:
    """``most`` is how many rows an answer has before it is cut."""

    def __init__(self):
        self.reports = [
            report("IBM", "2026-10-21", epsActual=2.65, revenueActual=16.3e9, hour="bmo"),
            report("BRK.B", "2026-11-07", hour=""),
            report("AAPL", "2026-11-19", quarter=1, year=2027),
            report("MSFT", "2026-11-24", hour=HOSTILE),
            report("IBM", "2027-01-20", quarter=1, year=2027),
        ]
        self.most = 1500

    def __call__(self, path, query, headers):
        assert path == "/api/v1/calendar/earnings"
        if headers.get("x-finnhub-token") != KEY:
            return 401, {"error": "Invalid API key"}
        rows = [
            row
            for row in self.reports
            if query["from"] <= row["date"] <= query["to"]
            and query.get("symbol", row["symbol"]) == row["symbol"]
        ]
        rows.sort(key=lambda row: row["date"], reverse=True)
        return 200, {"earningsCalendar": rows[: self.most]}


@pytest.fixture
def clock():
    return SetClock(NOW)


@pytest.fixture
def double():
    with rest_double(Finnhub()) as running:
        yield running


@pytest.fixture
def feed(double, clock, request):
    return EarningsCalendarFeed(KEY, clock, url=double.url, seconds=patience(request))


@pytest.fixture
def wanted():
    return Wanted(NOW - timedelta(days=40), NOW + timedelta(days=70))


@pytest.fixture(params=[1500, 2], ids=["in one", "in halves"])
def cut(request, double, monkeypatch):
    monkeypatch.setattr(earnings_calendar, "CUT", request.param)
    double.answer.most = request.param


@pytest.mark.usefixtures("cut")
class TestContract(DocumentFeedContract):
    @pytest.fixture
    def nothing(self):
        return Wanted(NOW - timedelta(days=40), NOW + timedelta(days=70), ("NOSUCH",))


def by_key(feed, wanted):
    return {one.key: one for one in feed.documents(wanted)}


def test_an_event_says_the_day_and_what_is_told_of_the_hour(feed, wanted):
    found = by_key(feed, wanted)
    apple = found["AAPL/Q1-2027"]
    assert (apple.kind, apple.symbols) == (DocumentKind.EVENT, ("AAPL",))
    assert apple.title == "AAPL earnings Q1 2027"
    assert apple.event_time == datetime(2026, 11, 19, 5, tzinfo=UTC)
    assert "Thursday, 19 November 2026, after the market closes." in apple.text
    assert "before the market opens" in found["IBM/Q4-2026"].text
    assert "the hour is not told" in found["BRK.B/Q4-2026"].text


def test_figures_are_those_that_finnhub_wrote_to_the_last_digit(feed, wanted):
    found = by_key(feed, wanted)
    assert "Earnings per share: estimated 2.5125, not reported yet." in found["AAPL/Q1-2027"].text
    assert "Revenue: estimated 111,468,787,296, not reported yet." in found["AAPL/Q1-2027"].text
    assert "Earnings per share: estimated 2.5125, reported 2.65." in found["IBM/Q4-2026"].text


def test_what_was_reported_later_is_a_correction_of_the_same_event(feed, double, wanted, clock):
    seen = [by_key(feed, wanted)["MSFT/Q4-2026"]]
    moments = [
        datetime(2026, 11, 24, 22, tzinfo=UTC),  # the same evening, not yet there
        datetime(2026, 11, 27, 12, tzinfo=UTC),  # days later, still not there
    ]
    for moment in moments:
        clock.advance(moment - clock.wall())
        seen.append(by_key(feed, wanted)["MSFT/Q4-2026"])
    double.answer.reports[3] |= {"epsActual": 3.3, "epsEstimate": None}
    seen.append(by_key(feed, wanted)["MSFT/Q4-2026"])
    assert [one.known_at for one in seen] == [
        NOW,
        moments[0],
        datetime(2026, 11, 25, 5, tzinfo=UTC),
        datetime(2026, 11, 26, 5, tzinfo=UTC),
    ]
    assert seen[0].text == seen[1].text == seen[2].text
    assert "Earnings per share: no estimate, reported 3.3." in seen[3].text


def test_figures_fetched_on_the_day_are_known_since_they_were_fetched(feed, double, wanted, clock):
    double.answer.reports[3] |= {"epsActual": 3.3}
    moment = datetime(2026, 11, 24, 22, tzinfo=UTC)
    clock.advance(moment - clock.wall())
    assert by_key(feed, wanted)["MSFT/Q4-2026"].known_at == moment


def test_a_report_that_was_moved_keeps_its_key(feed, double, wanted):
    double.answer.reports[3] |= {"date": "2026-12-01"}
    assert by_key(feed, wanted)["MSFT/Q4-2026"].event_time.date() == date(2026, 12, 1)


@pytest.mark.parametrize("more", [{"quarter": None}, {"year": 0}, {"quarter": 0, "year": None}])
def test_without_a_quarter_the_day_is_the_key(feed, double, wanted, more):
    double.answer.reports = [report("IBM", "2026-11-24", **more)]
    (one,) = feed.documents(wanted)
    assert (one.key, one.title) == ("IBM/2026-11-24", "IBM earnings 2026-11-24")
    assert "of a quarter (fiscal)" in one.text


def test_symbols_are_asked_for_one_by_one_as_finnhub_spells_them(feed, double, wanted):
    found = feed.documents(replace(wanted, symbols=("BRK-B", "aapl", "BTC/USD")))
    assert [one.symbols for one in found] == [("BRK-B",), ("AAPL",)]
    assert [one.key for one in found] == ["BRK.B/Q4-2026", "AAPL/Q1-2027"]
    assert [query["symbol"] for _, query, _ in double.asked] == ["BRK.B", "AAPL"]


def test_pairs_report_nothing_and_nobody_is_asked(feed, double, wanted):
    assert feed.documents(replace(wanted, symbols=("BTC/USD",))) == ()
    assert double.asked == []


def test_reports_of_others_than_were_asked_for_are_not_taken(feed, double, wanted):
    rows = [report("IBM", "2026-11-24"), report("AAPL", "2026-11-24"), report("IBM", "9999-12-31")]
    double.answer = lambda *asked: (200, {"earningsCalendar": rows})
    assert [one.key for one in feed.documents(replace(wanted, symbols=("IBM",)))] == ["IBM/Q4-2026"]


def test_words_are_looked_for_in_the_events(feed, wanted):
    found = feed.documents(replace(wanted, words="before opens"))
    assert [one.key for one in found] == ["IBM/Q4-2026"]


def test_an_answer_that_was_cut_is_asked_for_again_in_halves(feed, double, monkeypatch):
    monkeypatch.setattr(earnings_calendar, "CUT", 3)
    double.answer.most = 3
    double.answer.reports = [report(f"A{n}", f"2026-11-{20 + n % 4}") for n in range(8)]
    span = Wanted(datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC))
    assert len(feed.documents(span)) == 8
    assert feed.notice() == ""


def test_a_single_day_that_was_cut_is_told(feed, double, monkeypatch):
    monkeypatch.setattr(earnings_calendar, "CUT", 3)
    double.answer.most = 3
    double.answer.reports = [report(f"A{n}", "2026-11-23") for n in range(5)]
    span = Wanted(datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC))
    assert len(feed.documents(span)) == 3
    assert feed.notice() == "Finnhub gives 3 reports of 2026-11-23 and no more"


def test_finnhub_is_not_asked_without_end(feed, double, wanted, monkeypatch):
    monkeypatch.setattr(earnings_calendar, "CUT", 1)
    day = {"earningsCalendar": [report("IBM", "2026-11-24")]}
    double.answer = lambda *asked: (200, day)
    with pytest.raises(InputError, match="fewer symbols or days"):
        feed.documents(wanted)
    assert len(double.asked) == earnings_calendar.QUESTIONS


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"date": None}, "not as documented"),
        ({"date": "soon"}, "not as documented"),
        ({"symbol": None}, "not as documented"),
        ({"symbol": "not a symbol"}, "of what is no symbol"),
        ({"symbol": ""}, "of what is no symbol"),
        ({"epsEstimate": "many"}, "not as documented"),
        ({"epsEstimate": 10**60}, "not as documented"),
        ({"hour": 7}, "not as documented"),
        ({"quarter": 10**20}, "not as documented"),
        ({"year": -2026}, "not as documented"),
    ],
)
def test_what_cannot_be_used_is_left_out_and_told(feed, double, wanted, more, why):
    rows = [report("IBM", "2026-11-24"), report("AAPL", "2026-11-24") | more]
    double.answer = lambda *asked: (200, {"earningsCalendar": rows})
    assert [one.key for one in feed.documents(wanted)] == ["IBM/Q4-2026"]
    assert feed.notice() == f"Finnhub: left out 1 {why}"


@pytest.mark.parametrize("number", [b"1e999999", b"1e-999999", b"9" * 4000])
def test_a_number_of_a_million_digits_fills_no_text(feed, double, wanted, number):
    rows = b'{"symbol":"IBM","date":"2026-11-24"},{"symbol":"AAPL","date":"2026-11-24","epsActual":'
    double.answer = lambda *asked: (200, b'{"earningsCalendar":[' + rows + number + b"}]}")
    assert [one.symbols for one in feed.documents(wanted)] == [("IBM",)]


@pytest.mark.parametrize(
    "body", [None, [], {}, {"earningsCalendar": None}, {"earningsCalendar": [5]}]
)
def test_an_answer_of_another_shape_is_not_taken_for_no_reports(feed, double, wanted, body):
    double.answer = lambda *asked: (200, body)
    with pytest.raises(Unanswered, match=r"Finnhub's answer can't be read"):
        feed.documents(wanted)


def test_what_the_plan_does_not_allow_is_told_in_its_own_words(feed, double, wanted):
    double.answer = lambda *asked: (403, {"error": "You don't have access to this resource."})
    with pytest.raises(DataUnavailable, match="You don't have access to this resource"):
        feed.documents(wanted)


def test_a_wrong_key_is_told_without_it_and_not_tried_again(double, clock, wanted):
    with pytest.raises(Unanswered, match="set FINNHUB_API_KEY") as raised:
        EarningsCalendarFeed("wrong-key", clock, url=double.url).documents(wanted)
    assert not raised.value.again
    assert "wrong-key" not in str(raised.value)


def test_the_key_is_not_told_to_the_log(feed, wanted, caplog):
    with caplog.at_level(logging.DEBUG):
        feed.documents(wanted)
    assert KEY not in caplog.text


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.integers(4, 9))
def test_asking_in_halves_finds_every_report_once(counts, most):
    start = datetime(2026, 11, 2, 12, tzinfo=UTC)
    finnhub = Finnhub()
    finnhub.most = most
    finnhub.reports = [
        report(f"A{n}", (start + timedelta(days=day)).date().isoformat())
        for day, count in enumerate(counts)
        for n in range(day * 10, day * 10 + count)
    ]
    feed = EarningsCalendarFeed(KEY, SetClock(NOW))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(earnings_calendar, "CUT", most)
        headers = {"x-finnhub-token": KEY}
        patch.setattr(feed._rest, "get", lambda path, query: finnhub(path, query, headers)[1])
        span = Wanted(start - timedelta(days=1), start + timedelta(days=len(counts)))
        found = feed.documents(span)
    assert len(found) == len({one.key for one in found}) == sum(counts)
    assert feed.notice() == ""
