"""Yahoo's bars below a day, option chains and Indian listings, through the unmodified yfinance."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from yfinance.data import YfData

from tests.contracts.feed import FeedContract
from tests.contracts.intraday import IntradayContract
from tests.contracts.options import OptionsContract
from tests.market_data.clocks import SetClock
from tests.market_data.yahoo_double import chart, minutes, options, yahoo_double
from tools.domain.errors import DataUnavailable
from tools.domain.timeframe import MINUTE
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.resilience.guard import guarded
from tools.market_data.feeds.yahoo import YahooFeed
from tools.market_data.sessions import session_times

OPENS = datetime(2024, 6, 6, 13, 30, tzinfo=UTC)
EVENING = datetime(2024, 6, 7, 1, 0, tzinfo=UTC)
EXPIRIES = [int(datetime(2024, 6, day, tzinfo=UTC).timestamp()) for day in (14, 21)]
INDIAN = {"currency": "INR", "exchangeTimezoneName": "Asia/Kolkata", "timezone": "IST"}


@pytest.fixture
def double():
    YfData.cache_get.cache_clear()
    with yahoo_double() as running:
        running.answers["IBM 1m"] = lambda query: minutes(OPENS, 8)
        running.answers["IBM options"] = options("IBM", EXPIRIES)
        yield running


@pytest.fixture
def clock():
    return SetClock(EVENING)


@pytest.fixture
def feed(double, clock, tmp_path):
    return YahooFeed(clock, tmp_path, host=double.host, port=double.port, session=double.session)


class TestIntraday(IntradayContract):
    @pytest.fixture
    def symbol(self):
        return "IBM"

    @pytest.fixture
    def start(self):
        return OPENS

    @pytest.fixture
    def end(self):
        return OPENS + timedelta(minutes=8)


class TestOptions(OptionsContract):
    @pytest.fixture
    def underlying(self):
        return "IBM"

    @pytest.fixture
    def now(self):
        return EVENING


class TestIndian(FeedContract):
    """An NSE share takes the exam of every feed, on India's sessions."""

    @pytest.fixture
    def symbol(self):
        return "YESBANK.NS"

    @pytest.fixture
    def feed(self, feed, double):
        opens = [datetime(2024, 6, day, 3, 45, tzinfo=UTC) for day in (3, 4, 5, 6)]
        told = chart(**INDIAN, symbol="YESBANK.NS", longName="Yes Bank Limited")
        told["chart"]["result"][0]["timestamp"] = [int(day.timestamp()) for day in opens]
        told["chart"]["result"][0]["events"] = {}
        double.answers["YESBANK.NS"] = told
        return feed

    def test_it_is_in_rupees_on_indias_calendar_and_tick(self, feed, symbol):
        listed = feed.instrument(symbol)
        assert (listed.currency, listed.calendar, listed.tick) == ("INR", "XNSE", Decimal("0.05"))
        assert feed.bars(symbol)[-1].known_at == session_times("XNSE", date(2024, 6, 6))[1]


def test_a_symbol_on_bo_is_bombays(feed, double):
    double.answers["SBIN.BO"] = chart(**INDIAN)
    assert feed.instrument("SBIN.BO").calendar == "XBOM"


def test_an_ending_of_india_in_another_currency_is_not_believed(feed, double):
    double.answers["ODD.NS"] = chart(currency="USD", exchangeTimezoneName="Asia/Kolkata")
    with pytest.raises(DataUnavailable, match=r"ODD\.NS in USD on the hours of Asia/Kolkata"):
        feed.instrument("ODD.NS")


def test_minutes_before_a_split_are_as_they_were_traded(feed, double):
    double.answers["IBM 1m"] = lambda query: minutes(OPENS, 8, split_at=4)
    found = feed.range("IBM", MINUTE, OPENS - timedelta(days=1), EVENING)
    assert found.close.tolist() == [20.25] * 8
    assert found.volume.tolist() == [1000.0] * 8


def test_half_a_day_ends_where_it_ends_and_nothing_is_made_up(feed, double):
    double.answers["IBM 1m"] = lambda query: minutes(OPENS, 195)
    assert len(feed.range("IBM", MINUTE, OPENS, EVENING)) == 195


def test_a_minute_that_is_still_forming_is_left_out(feed, clock):
    clock._wall = OPENS + timedelta(minutes=4, seconds=30)
    assert len(feed.range("IBM", MINUTE, OPENS, EVENING)) == 3  # the fourth has not settled


def test_a_month_of_minutes_is_asked_for_in_weeks(feed, double, clock):
    feed.range("IBM", MINUTE, EVENING - timedelta(days=20), EVENING)
    spans = [asked for asked in double.spans if asked.get("interval") == "1m"]
    assert len(spans) == 3
    assert all(int(one["period2"]) - int(one["period1"]) <= 7 * 86_400 for one in spans)
    assert int(spans[-1]["period2"]) == int(EVENING.timestamp())


def test_further_back_than_yahoo_goes_is_refused_with_how_far_it_goes(feed):
    with pytest.raises(DataUnavailable, match="last 29 days only: ask for IBM from 2024-05-09 on"):
        feed.range("IBM", MINUTE, EVENING - timedelta(days=30), EVENING)


def test_a_chain_has_every_expiry_and_a_bid_or_ask_of_zero_is_none(feed, double):
    chain = feed.chain("IBM")
    assert len(chain) == 8
    assert {one.terms.expiry for one in chain} == {date(2024, 6, 14), date(2024, 6, 21)}
    assert (chain[0].bid, chain[0].ask, chain[0].delta) == (Decimal("1.25"), None, None)
    assert chain[0].event_time == OPENS


def test_a_share_without_options_has_an_empty_chain(feed, double):
    del double.answers["IBM options"]
    assert feed.chain("IBM") == ()


@pytest.mark.parametrize("broken", ["status", "page"])
def test_a_broken_answer_is_told_and_never_taken_for_no_data(feed, double, broken):
    feed.bars("IBM")
    if broken == "status":
        double.status = 503
    else:
        double.page = "<html>Will be right back</html>"
    with pytest.raises(Unanswered, match=r"^Yahoo did not answer \(\w+\)\.$"):
        feed.range("IBM", MINUTE, OPENS, EVENING)
    with pytest.raises(Unanswered, match=r"^Yahoo did not answer \(\w+\)\.$"):
        feed.chain("IBM")
    double.status, double.page = 200, ""
    assert len(feed.range("IBM", MINUTE, OPENS, EVENING)) == 8
    assert feed.chain("IBM")


def test_a_rate_limit_is_known_for_one(feed, double, clock):
    feed.bars("IBM")
    double.status = 429
    kept = guarded(feed, clock)
    assert kept.range("IBM", MINUTE, OPENS, EVENING) is None
    assert kept.notice() == "Yahoo did not answer (YFRateLimitError)"
    assert kept.health().retry_at >= EVENING + timedelta(minutes=1)


def test_real_minutes_of_an_indian_share_fall_into_its_sessions(strict_skip):
    import csv
    import gzip
    from pathlib import Path

    path = Path(__file__).parents[3] / "shared/data/india_equity_minute.csv.gz"
    if not path.exists():
        strict_skip(f"{path.name} is not beside the checkout")
    with gzip.open(path, "rt") as file:
        rows = [datetime.fromisoformat(row["timestamp"]) for row in csv.DictReader(file)]
    inside = [
        opens <= at < closes
        for at in rows
        for opens, closes in [session_times("XNSE", (at + timedelta(hours=5, minutes=30)).date())]
    ]
    # The rest is the closing session after 15:30, in which the close is traded.
    assert sum(inside) / len(rows) > 0.99
    assert all((at.hour, at.minute) < (10, 30) for at in rows)
