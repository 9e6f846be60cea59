"""The unmodified client of Polygon against a local server that speaks its documented JSON."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from tests.contracts.feed import FeedContract
from tests.contracts.intraday import IntradayContract
from tests.contracts.options import OptionsContract
from tests.contracts.quotes import QuotesContract
from tests.contracts.trades import TradesContract
from tests.market_data.clocks import SetClock
from tests.market_data.polygon_double import KEY, NOW, SESSION, Polygon, contract, nanos
from tests.market_data.rest_double import FAULTS, patience, rest_double
from tools.domain.errors import DataUnavailable
from tools.domain.instrument import AssetClass
from tools.domain.timeframe import MINUTE
from tools.market_data.feeds.feed import IntradayFeed, OptionsFeed
from tools.market_data.feeds.polygon import PolygonFeed
from tools.market_data.feeds.polygon_words import polygon_symbol
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.resilience.guard import guarded
from tools.market_data.market import Market

END = SESSION + timedelta(minutes=7)


@pytest.fixture
def double():
    with rest_double(Polygon()) as running:
        yield running


@pytest.fixture
def feed(double, request):
    return PolygonFeed(KEY, SetClock(NOW), url=double.url, seconds=patience(request))


class Asked:
    """What the exams ask about."""

    @pytest.fixture
    def symbol(self):
        return "IBM"

    underlying = symbol

    @pytest.fixture
    def start(self):
        return SESSION

    @pytest.fixture
    def end(self):
        return END

    @pytest.fixture
    def now(self):
        return NOW


class TestFeed(Asked, FeedContract): ...


class TestIntraday(Asked, IntradayContract):
    @pytest.fixture
    def feed(self, feed):
        feed.timeframes = (MINUTE,)
        return feed


class TestTrades(Asked, TradesContract): ...


class TestQuotes(Asked, QuotesContract): ...


class TestOptions(Asked, OptionsContract):
    @pytest.fixture
    def underlying(self):
        return "IBM"


def test_daily_prices_are_as_traded_and_adjusted_for_splits_alone(feed):
    bars = feed.bars("IBM")
    assert [bar.session.day for bar in bars] == [3, 4, 5, 6]  # the seventh has not begun
    assert (bars[0].close, bars[0].adjusted_close) == (Decimal("10.2"), Decimal("5.1"))
    assert (bars[-1].close, bars[-1].adjusted_close) == (Decimal("10.2"), Decimal("10.2"))
    assert bars[0].volume == Decimal("1000.5")


def test_a_day_that_begins_elsewhere_than_at_midnight_is_refused(feed, double):
    double.answer._bars = lambda *asked: [
        {"o": 1, "h": 1, "l": 1, "c": 1, "v": 1, "t": 1717678800000}
    ]
    with pytest.raises(DataUnavailable, match="begins at 09:00 EDT and not at midnight"):
        feed.bars("IBM")


def test_a_coin_has_days_in_utc_and_polygons_own_name(feed):
    assert polygon_symbol("BTC/USD") == "X:BTCUSD"
    assert polygon_symbol("EUR/USD") == "C:EURUSD"
    assert polygon_symbol("BRK-B") == "BRK.B"
    assert feed.instrument("BTC/USD").asset_class is AssetClass.CRYPTO
    assert feed.bars("BTC/USD")[-1].session == date(2024, 6, 6)


def test_a_delisted_share_is_listed_and_cannot_be_traded(feed):
    assert not feed.instrument("GONE").tradable


def test_a_symbol_that_never_was_is_told_by_the_market(feed):
    clock = SetClock(NOW)
    market = Market([guarded(feed, clock)], clock)
    with pytest.raises(DataUnavailable, match=r"No feed has prices of NEVERWAS\."):
        market.history("NEVERWAS", NOW)


def test_indian_listings_and_indices_are_left_to_others(feed, double):
    assert feed.instrument("RELIANCE.NS") is None
    assert feed.bars("^GSPC") is None
    assert double.asked == []


def test_every_page_is_read_and_no_row_twice(feed, double):
    found = feed.trades("IBM", SESSION, END)
    assert len(found) == 9
    assert len([path for path, _, _ in double.asked if "trades" in path]) == 5
    assert found.price.tolist() == [170.01 + n for n in range(9)]
    assert all(headers["authorization"] == f"Bearer {KEY}" for _, _, headers in double.asked)


def test_a_trade_is_known_when_the_tape_reported_it(feed):
    found = feed.trades("IBM", SESSION, END)
    assert int(found.known[0]) == nanos(SESSION)
    assert int(found.time[0]) == nanos(SESSION) - 350_123


def test_sizes_of_quotes_are_left_out(feed):
    found = feed.quotes("IBM", SESSION, END)
    assert np.isnan(found.bid_size).all()
    assert (found.bid[0], found.ask[0]) == (170.0, 170.02)


def test_a_bar_that_is_still_forming_is_left_out(double):
    clock = SetClock(SESSION + timedelta(minutes=2, seconds=30))
    feed = PolygonFeed(KEY, clock, url=double.url)
    found = feed.range("IBM", MINUTE, SESSION, END)
    assert len(found) == 2


def test_a_span_that_ends_before_it_begins_is_empty(feed):
    assert len(feed.range("IBM", MINUTE, END, SESSION)) == 0


def test_contracts_of_an_odd_size_are_left_out_of_the_chain(feed, double):
    double.answer.contracts.append(contract("call", 180, shares=150))
    chain = feed.chain("IBM")
    assert len(chain) == 4
    one = chain[0]
    assert (one.bid, one.ask, one.last) == (Decimal("1.25"), Decimal("1.3"), Decimal("1.28"))
    assert (one.delta, one.implied_volatility) == (0.51, 0.2212)
    assert one.symbol == "IBM240621C00170000"
    assert one.event_time == SESSION


def test_a_chain_without_quotes_has_none(feed, double):
    for row in double.answer.contracts:
        del row["last_quote"], row["greeks"], row["last_trade"], row["day"]
    one = feed.chain("IBM")[0]
    assert (one.bid, one.last, one.delta, one.event_time) == (None, None, None, NOW)


SAYS = {
    "html": "a web page instead of data",
    "truncated": "broke off or can't be read",
    "empty": "broke off or can't be read",
    "500": r"out of order \(500\)",
    "429": "rate limit",
    "401": "set POLYGON_API_KEY",
    "redirect": r"out of order \(302\)",
    "hang-up": "could not be reached",
    "silent": r"did not answer within 0\.9 seconds",
    "drip": r"did not answer within 0\.9 seconds",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_told_in_a_sentence_without_the_key_and_asked_once(feed, double, fault):
    double.broken = fault
    with pytest.raises(Unanswered, match=f"^Polygon.*{SAYS[fault]}.*\\.$") as caught:
        feed.bars("IBM")
    assert KEY not in str(caught.value)
    assert len(double.asked) == 1
    double.broken = ""
    assert feed.bars("IBM")


def test_a_host_that_cannot_be_reached_is_told_as_that():
    feed = PolygonFeed(KEY, SetClock(NOW), url="http://127.0.0.1:1", seconds=5)
    with pytest.raises(Unanswered, match=r"^Polygon could not be reached \(\w+\)\.$"):
        feed.bars("IBM")


def test_a_fault_on_a_later_page_gives_no_half_answer(feed, double):
    whole, pages = double.answer._paged, []

    def broken(*asked):
        pages.append(asked)
        if len(pages) == 3:
            double.broken = "html"
        return whole(*asked)

    feed.instrument("IBM")
    double.answer._paged = broken
    with pytest.raises(Unanswered, match="a web page instead of data"):
        feed.trades("IBM", SESSION, END)


def test_a_rate_limit_says_how_long_to_wait(feed, double):
    double.broken, double.retry_after = "429", "12"
    with pytest.raises(Unanswered) as caught:
        feed.bars("IBM")
    assert (caught.value.retry_after_s, caught.value.limited) == (12.0, True)


def test_what_the_subscription_lacks_is_an_answer_and_not_a_fault(feed, double):
    feed.instrument("IBM")
    body = {"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data."}
    double.answer = lambda *asked: (403, body)
    with pytest.raises(DataUnavailable, match="not entitled to this data") as caught:
        feed.quotes("IBM", SESSION, END)
    assert not isinstance(caught.value, Unanswered)


@pytest.mark.parametrize("rows", ["text", 5, [5], [None], [{"t": None}], {"t": 1}])
def test_rows_of_another_shape_are_told(feed, double, rows):
    feed.instrument("IBM")
    double.answer = lambda *asked: (200, {"status": "OK", "results": rows})
    with pytest.raises(DataUnavailable, match="can't be read"):
        feed.range("IBM", MINUTE, SESSION, END)


def test_listings_and_days_are_kept_for_ten_minutes(double):
    clock = SetClock(NOW)
    feed = PolygonFeed(KEY, clock, url=double.url)
    feed.bars("IBM")
    asked = len(double.asked)
    feed.bars("IBM")
    feed.instrument("IBM")
    assert len(double.asked) == asked
    clock.advance(timedelta(minutes=10))
    feed.bars("IBM")
    assert len(double.asked) > asked


def test_guarded_it_offers_the_same(feed):
    kept = guarded(feed, SetClock(NOW))
    assert isinstance(kept, IntradayFeed)
    assert isinstance(kept, OptionsFeed)
    assert kept.timeframes == feed.timeframes
    assert len(kept.range("IBM", MINUTE, SESSION, datetime.max.replace(tzinfo=NOW.tzinfo))) == 7
