"""OANDA's feed against a local server that speaks its documented JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.feed import FeedContract
from tests.contracts.intraday import IntradayContract
from tests.market_data.clocks import SetClock
from tests.market_data.oanda_double import (
    ACCOUNT,
    KEY,
    MINUTES,
    NO_RIGHT,
    NOW,
    Oanda,
    candle,
    listed,
    price,
)
from tests.market_data.rest_double import FAULTS, patience, rest_double
from tools.domain.errors import DataUnavailable
from tools.domain.instrument import AssetClass
from tools.domain.status import Session, Status
from tools.domain.timeframe import MINUTE, Timeframe
from tools.market_data.columns import moment_of
from tools.market_data.feeds.feed import IntradayFeed, QuotingFeed, StreamingFeed
from tools.market_data.feeds.oanda import OandaFeed
from tools.market_data.feeds.oanda_words import CANDLES, daily_of, granularity, oanda_name
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.resilience.freshness import behind
from tools.market_data.feeds.resilience.guard import guarded
from tools.market_data.market import Market
from tools.market_data.sessions import NEW_YORK, forex_day, session_on

END = MINUTES + timedelta(minutes=7)
DAY = timedelta(days=1)


@pytest.fixture
def double():
    with rest_double(Oanda()) as running:
        yield running


@pytest.fixture
def clock():
    return SetClock(NOW)


@pytest.fixture
def feed(double, clock, request):
    return OandaFeed(KEY, ACCOUNT, clock, url=double.url, seconds=patience(request))


class Asked:
    """What the exams ask about."""

    symbol = pytest.fixture(lambda _: "EUR/USD")
    start = pytest.fixture(lambda _: MINUTES)
    end = pytest.fixture(lambda _: END)


class TestFeed(Asked, FeedContract): ...


class TestIntraday(Asked, IntradayContract):
    @pytest.fixture
    def feed(self, feed):
        feed.timeframes = (MINUTE,)
        return feed


def test_days_are_from_five_to_five_in_new_york_and_the_forming_one_is_left_out(feed):
    bars = feed.bars("EUR/USD")
    assert [bar.session.day for bar in bars] == [3, 4, 5, 6]
    assert bars[0].event_time == datetime(2024, 6, 2, 21, tzinfo=UTC)
    assert bars[-1].known_at == datetime(2024, 6, 6, 21, tzinfo=UTC)
    assert all((bar.event_time, bar.known_at) == session_on("24/5", bar.session) for bar in bars)
    assert (bars[0].open, bars[0].high, bars[0].low, bars[0].close) == tuple(
        map(Decimal, ("1.08801", "1.0921", "1.0862", "1.0892"))
    )
    assert (bars[0].volume, bars[0].adjusted_close) == (0, None)


@given(st.dates(date(2005, 1, 1), date(2040, 1, 1)))
def test_a_day_is_known_when_it_ends_and_not_before_whatever_the_clocks_do(session):
    opens, closes = forex_day(session)
    candles = CANDLES.validate_python([candle(opens)])
    [bar] = daily_of("EUR/USD", candles, closes)
    assert (bar.session, bar.event_time, bar.known_at) == (session, opens, closes)
    assert {moment.astimezone(NEW_YORK).hour for moment in (opens, closes)} == {17}
    assert daily_of("EUR/USD", candles, closes - timedelta(microseconds=1)) == ()


def test_a_day_that_begins_at_another_hour_is_refused(feed, double):
    double.answer.candles["D"] = [candle(datetime(2024, 6, 3, tzinfo=UTC))]
    with pytest.raises(DataUnavailable, match="begins at 20:00 EDT and not at 17:00"):
        feed.bars("EUR/USD")


def test_a_candle_that_oanda_calls_complete_too_early_is_not_known_yet(feed, double):
    double.answer.candles["D"][-1]["complete"] = True
    assert feed.bars("EUR/USD")[-1].session.day == 6


def test_a_candle_that_oanda_still_forms_is_not_known_though_our_clock_is_past_it(feed, double):
    double.answer.candles["D"][3]["complete"] = False
    assert feed.bars("EUR/USD")[-1].session.day == 5
    double.answer.candles["M1"][-1]["complete"] = False
    assert len(feed.range("EUR/USD", MINUTE, MINUTES, END)) == 6


def test_an_impossible_day_is_left_out(feed, double):
    first = datetime(2024, 6, 2, 21, tzinfo=UTC)
    double.answer.candles["D"][0] = candle(first, mid=("1.1", "1.0", "0.9", "1.0"))
    assert [bar.session.day for bar in feed.bars("EUR/USD")] == [4, 5, 6]


def test_every_page_is_read_in_order_and_no_candle_twice(feed, double):
    found = feed.range("EUR/USD", MINUTE, MINUTES, END)
    assert [moment_of(at) for at in found.start] == [
        MINUTES + timedelta(minutes=n) for n in range(7)
    ]
    asked = [query for path, query, _ in double.asked if path.endswith("candles")]
    assert len(asked) == 3  # three a page
    assert [query["includeFirst"] for query in asked] == ["true", "false", "false"]
    assert all(int(query["count"]) <= 9 for query in asked)


@pytest.mark.parametrize("page", [1, 2, 5000])
def test_however_few_a_page_holds_the_answer_is_the_same(page):
    with rest_double(Oanda(page)) as double:
        feed = OandaFeed(KEY, ACCOUNT, SetClock(NOW), url=double.url)
        assert len(feed.range("EUR/USD", MINUTE, MINUTES, END)) == 7
        assert len(feed.bars("EUR/USD")) == 4


class Direct:
    """Questions that go to the double without a wire, for many of them."""

    def __init__(self, double):
        self.double = double

    def get(self, path, query=None):
        status, body = self.double(path, query or {}, {"authorization": f"Bearer {KEY}"})
        assert status == 200
        return body


@given(st.sets(st.integers(-5, 60)), st.integers(1, 9), st.integers(0, 50), st.integers(0, 50))
def test_whatever_is_missing_and_however_it_is_paged_each_bar_comes_once(
    minutes, page, start, length
):
    oanda = Oanda(page)
    oanda.candles["M1"] = [candle(MINUTES + timedelta(minutes=n)) for n in sorted(minutes)]
    feed = OandaFeed(KEY, ACCOUNT, SetClock(NOW))
    feed._source._rest = Direct(oanda)
    first = MINUTES + timedelta(minutes=start)
    found = feed.range("EUR/USD", MINUTE, first, first + timedelta(minutes=length))
    wanted = sorted(n for n in minutes if start <= n < start + length)
    assert [moment_of(at) for at in found.start] == [MINUTES + timedelta(minutes=n) for n in wanted]


def test_candles_in_disorder_and_twice_are_put_right(feed, double):
    rows = double.answer.candles["M1"]
    double.answer.page = 5000
    double.answer.candles["M1"] = [*reversed(rows), *rows]
    found = feed.range("EUR/USD", MINUTE, MINUTES, END)
    assert len(found) == 7
    assert (np.diff(found.start) > 0).all()


def test_five_thousand_candles_are_asked_for_at_most(feed, double):
    feed.range("EUR/USD", MINUTE, NOW - 20 * DAY, NOW)
    counts = [int(query["count"]) for path, query, _ in double.asked if "candles" in path]
    assert counts[0] == 5000


def test_a_server_that_sends_the_same_page_for_ever_comes_to_an_end(feed, double):
    whole = double.answer._candles
    double.answer._candles = lambda query: whole({**query, "includeFirst": "true", "from": first})
    first = f"{MINUTES:%Y-%m-%dT%H:%M:%SZ}"
    assert len(feed.range("EUR/USD", MINUTE, MINUTES, END)) == 3


def test_what_does_not_end_is_refused_in_a_sentence(feed, double, monkeypatch):
    monkeypatch.setattr("tools.market_data.feeds.oanda_source.PAGES", 2)
    with pytest.raises(DataUnavailable, match="ask for a shorter span"):
        feed.range("EUR/USD", MINUTE, MINUTES, END)


def test_bars_have_no_volume_since_oanda_counts_its_own_prices(feed):
    assert np.isnan(feed.range("EUR/USD", MINUTE, MINUTES, END).volume).all()


def test_a_span_in_the_future_or_before_oandas_history_asks_for_nothing_odd(feed, double):
    assert len(feed.range("EUR/USD", MINUTE, NOW + DAY, NOW + 2 * DAY)) == 0
    long_ago = datetime(1702, 7, 16, tzinfo=UTC)
    assert len(feed.range("EUR/USD", MINUTE, long_ago, long_ago + DAY)) == 0
    assert not [path for path, _, _ in double.asked if "candles" in path]
    assert len(feed.range("EUR/USD", MINUTE, long_ago, END)) == 7


def test_names_of_candles_are_oandas(feed):
    names = [granularity(one) for one in feed.timeframes]
    assert names == "S5 S10 S15 S30 M1 M2 M4 M5 M10 M15 M30 H1".split()


@pytest.mark.parametrize(
    ("symbol", "name"),
    [("EUR/USD", "EUR_USD"), ("SPX500/USD", "SPX500_USD"), ("IBM", None), ("A/B/C", None)],
)
def test_a_pair_has_oandas_spelling(symbol, name):
    assert oanda_name(symbol) == name


def test_a_listing_has_the_accounts_steps_and_its_kind(feed):
    euro, gold, index = map(feed.instrument, ("EUR/USD", "XAU/USD", "SPX500/USD"))
    assert (euro.asset_class, euro.tick, euro.lot, euro.currency, euro.calendar) == (
        AssetClass.FOREX,
        Decimal("0.00001"),
        Decimal(1),
        "USD",
        "24/5",
    )
    assert (gold.asset_class, gold.tick) == (AssetClass.FOREX, Decimal("0.001"))
    assert (index.asset_class, index.lot, index.flags) == (
        AssetClass.PERPETUAL,
        Decimal("0.1"),
        ("cfd",),
    )
    assert feed.instrument("USD/TRY").currency == "TRY"


def test_what_the_account_may_not_trade_is_left_to_others(feed, double):
    assert feed.bars("IBM") is None
    assert double.asked == []  # a share is not even asked for
    assert feed.bars("GBP/USD") is None
    assert feed.instrument("ODD/USD") is None  # a kind that nobody knows yet
    assert feed.quote("GBP/USD") is None
    assert feed.status("GBP/USD") is None


def test_the_quote_is_the_best_bid_and_ask_with_their_sizes(feed):
    quote = feed.quote("EUR/USD")
    assert (quote.bid, quote.ask) == (Decimal("1.08912"), Decimal("1.08925"))
    assert (quote.bid_size, quote.ask_size) == (Decimal(500000), Decimal(1000000))
    assert (quote.event_time, quote.known_at, quote.simulated) == (NOW, NOW, False)
    assert feed.status("EUR/USD") == Status(halted=False, session=Session.OPEN)


def test_one_look_serves_the_quote_and_the_status_of_one_decision(feed, double, clock):
    feed.quote("EUR/USD")
    feed.status("EUR/USD")
    assert len([path for path, _, _ in double.asked if path.endswith("pricing")]) == 1
    clock.advance(timedelta(seconds=1))
    feed.status("EUR/USD")
    assert len([path for path, _, _ in double.asked if path.endswith("pricing")]) == 2


def test_of_a_closed_market_it_is_not_said_that_it_is_open_or_halted(feed, double):
    closed = datetime(2024, 5, 31, 20, 59, 59, tzinfo=UTC)
    double.answer.price = price(tradeable=False, at=closed)
    assert feed.status("EUR/USD") == Status(halted=None, session=Session.WAITING)
    assert feed.quote("EUR/USD").event_time == closed.replace(microsecond=0)


@pytest.mark.parametrize("side", [{"bids": []}, {"asks": []}, {"bids": [], "asks": []}])
def test_a_missing_side_is_no_quote(feed, double, side):
    double.answer.price |= side
    with pytest.raises(DataUnavailable, match="no bid and ask of EUR/USD now"):
        feed.quote("EUR/USD")


def test_a_moment_of_oandas_clock_is_never_later_than_ours(feed, double):
    double.answer.price = price(at=NOW + timedelta(seconds=2))
    assert feed.quote("EUR/USD").event_time == NOW


SAYS = {
    "html": "a web page instead of data",
    "truncated": "broke off or can't be read",
    "empty": "broke off or can't be read",
    "500": r"out of order \(500\)",
    "429": "rate limit",
    "401": "set OANDA_API_KEY, and TOLLGATE_OANDA_HOST=live",
    "redirect": r"out of order \(302\)",
    "hang-up": "could not be reached",
    "silent": r"did not answer within 0\.9 seconds",
    "drip": r"did not answer within 0\.9 seconds",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_told_in_a_sentence_without_the_key_and_asked_once(feed, double, fault):
    double.broken = fault
    with pytest.raises(Unanswered, match=f"^OANDA.*{SAYS[fault]}.*\\.$") as caught:
        feed.bars("EUR/USD")
    assert KEY not in str(caught.value)
    assert ACCOUNT not in str(caught.value)
    assert len(double.asked) == 1
    double.broken = ""
    assert feed.bars("EUR/USD")


def test_a_fault_on_a_later_page_gives_no_half_answer(feed, double):
    whole, pages = double.answer._candles, []

    def broken(query):
        pages.append(query)
        if len(pages) == 2:
            double.broken = "truncated"
        return whole(query)

    double.answer._candles = broken
    with pytest.raises(Unanswered, match="broke off"):
        feed.range("EUR/USD", MINUTE, MINUTES, END)


def test_a_rate_limit_says_how_long_to_wait(feed, double):
    double.broken, double.retry_after = "429", "12"
    with pytest.raises(Unanswered) as caught:
        feed.quote("EUR/USD")
    assert (caught.value.retry_after_s, caught.value.limited) == (12.0, True)


def test_an_account_that_oanda_does_not_know_or_that_is_anothers_is_told(double, clock):
    feed = OandaFeed(KEY, "../elsewhere", clock, url=double.url)
    with pytest.raises(Unanswered, match="doesn't know the account; set OANDA_ACCOUNT_ID"):
        feed.bars("EUR/USD")
    assert double.asked[0][0] == "/v3/accounts/..%2Felsewhere/instruments"
    double.answer = lambda *asked: (403, NO_RIGHT)
    with pytest.raises(DataUnavailable, match="OANDA refuses the question: Insufficient") as caught:
        feed.bars("EUR/USD")
    assert not isinstance(caught.value, Unanswered)


@pytest.mark.parametrize(
    "body",
    [
        5,
        [],
        {},
        {"candles": None},
        {"candles": [5]},
        {"candles": [{}]},
        {"candles": [candle(MINUTES, mid=("1", "1", "1", "Infinity"))]},
        {"candles": [candle(MINUTES, mid=("1", "1", "1", "-1"))]},
        {"candles": [candle(MINUTES) | {"time": "2024-06-06T08:00:00"}]},
    ],
)
def test_candles_of_another_shape_are_told(feed, double, body):
    double.answer._candles = lambda query: (200, body)
    with pytest.raises(Unanswered, match="its candles are not as documented"):
        feed.range("EUR/USD", MINUTE, MINUTES, END)


def test_listings_are_kept_for_an_hour_and_days_for_ten_minutes(feed, double, clock):
    def asked(word):
        return len([path for path, _, _ in double.asked if word in path])

    feed.bars("EUR/USD")
    before = asked("candles")
    feed.bars("EUR/USD")
    assert (asked("instruments/EUR_USD"), asked(f"{ACCOUNT}/instruments")) == (before, 1)
    clock.advance(timedelta(minutes=10))
    feed.bars("EUR/USD")
    assert asked("candles") > before
    assert asked(f"{ACCOUNT}/instruments") == 1
    double.answer.listed.append(listed("GBP_USD"))
    clock.advance(timedelta(minutes=50))
    assert feed.instrument("GBP/USD")


def test_guarded_it_offers_the_same_and_its_prices_go_through_the_market(feed, clock):
    kept = guarded(feed, clock)
    assert all(isinstance(kept, kind) for kind in (QuotingFeed, IntradayFeed, StreamingFeed))
    market = Market([kept], clock)
    assert market.quote("eur-usd", NOW).source == "oanda"
    assert market.status("EUR/USD", NOW).session is Session.OPEN
    assert market.quote("EUR/USD", NOW - DAY).simulated
    made = market.bars("EUR/USD", Timeframe.parse("3m"), MINUTES, END, NOW)
    assert (len(made.columns), made.notice) == (3, "Made from 1m bars.")


@pytest.mark.parametrize("symbol", ["EUR/USD", "XAU/USD", "SPX500/USD"])
def test_over_a_weekend_nothing_is_said_to_be_late(feed, symbol):
    opens, closes = forex_day(date(2024, 6, 7))
    bar = replace(feed.bars("EUR/USD")[-1], session=date(2024, 6, 7), event_time=opens)
    sunday = closes + 2 * DAY - timedelta(minutes=1)
    assert behind(symbol, "oanda", [bar], sunday) == ""
    assert "the session of 2024-06-10 has ended" in behind(symbol, "oanda", [bar], closes + 4 * DAY)
