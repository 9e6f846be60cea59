"""Robinhood's coins against a local server that checks each signature as Robinhood documents it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.contracts.feed import FeedContract
from tests.market_data.clocks import SetClock
from tests.market_data.rest_double import FAULTS, patience, rest_double
from tools.domain.errors import ConfigError, DataUnavailable
from tools.domain.instrument import AssetClass
from tools.domain.market import Bar
from tools.domain.status import Borrow, Session, Status
from tools.market_data.feeds.feed import IntradayFeed, QuotingFeed, StreamingFeed
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.resilience.guard import guarded
from tools.market_data.feeds.robinhood import LISTED, PRICES, RobinhoodFeed
from tools.market_data.market import Market
from tools.market_data.sessions import utc_day
from tools.market_data.symbols import listing

KEY, SEED = "rh-api-key", bytes(range(32))
SECRET = base64.b64encode(SEED).decode()
PUBLIC = Ed25519PrivateKey.from_private_bytes(SEED).public_key()
NOW = datetime(2024, 6, 7, 12, 0, tzinfo=UTC)


def coin(symbol, status="tradable"):
    base, quoted = symbol.split("-")
    return {
        "symbol": symbol,
        "asset_code": base,
        "quote_code": quoted,
        "asset_increment": "0.000000010000000000",
        "quote_increment": "0.010000000000000000",
        "min_order_size": "0.000001",
        "max_order_size": "20.0",
        "status": status,
    }


def best(symbol="BTC-USD", bid=70800.12, ask=71390.5):
    return {
        "symbol": symbol,
        "price": 71095.31,
        "bid_inclusive_of_sell_spread": bid,
        "sell_spread": 0.004,
        "ask_inclusive_of_buy_spread": ask,
        "buy_spread": 0.004,
        "timestamp": "2024-06-07T11:59:59.700000Z",
    }


class Robinhood:
    """Two coins a page; a signature is good for thirty seconds of ``clock``."""

    def __init__(self, clock):
        self.clock = clock
        self.coins = [
            coin("BTC-USD"),
            coin("ETH-USD", "sellonly"),
            coin("OLD-USD", "untradable"),
        ]
        self.best = [best()]

    def __call__(self, path, query, headers):
        stamp = headers.get("x-timestamp", "0")
        asked = path + (f"?{urlencode(query)}" if query else "")
        try:
            signature = base64.b64decode(headers.get("x-signature", ""))
            PUBLIC.verify(signature, f"{headers.get('x-api-key')}{stamp}{asked}GET".encode())
        except InvalidSignature:
            return 401, {"type": "client_error", "errors": [{"detail": "Invalid signature."}]}
        if headers["x-api-key"] != KEY or abs(self.clock.wall().timestamp() - int(stamp)) > 30:
            return 401, {"type": "client_error", "errors": [{"detail": "Expired."}]}
        if path == LISTED:
            if "symbol" in query:
                rows = [row for row in self.coins if row["symbol"] == query["symbol"]]
                return 200, {"next": None, "previous": None, "results": rows}
            begin = {"": 0, "a=b/2": 2}[query.get("cursor", "")]
            rows, more = self.coins[begin : begin + 2], begin + 2 < len(self.coins)
            next_ = "https://elsewhere.example/pairs/?cursor=a%3Db%2F2" if more else None
            return 200, {"next": next_, "previous": None, "results": rows}
        assert path == PRICES
        assert list(query) == ["symbol"]
        return 200, {"results": self.best}


class Bars:
    """The other feed: two days of each coin, and of a share."""

    name, live = "yahoo", True
    words = ""

    def instrument(self, symbol):
        raise AssertionError("the listing is Robinhood's")

    def bars(self, symbol):
        if self.words:
            return None
        days = [(NOW - timedelta(days=back)).date() for back in (2, 1)]
        one = Decimal(1)
        return tuple(Bar(symbol, day, *utc_day(day), one, one, one, one, one) for day in days)

    def label(self, symbol):
        return self.name

    def notice(self):
        return self.words


@pytest.fixture
def clock():
    return SetClock(NOW)


@pytest.fixture
def double(clock):
    with rest_double(Robinhood(clock)) as running:
        yield running


@pytest.fixture
def bars():
    return Bars()


@pytest.fixture
def feed(double, clock, bars, request):
    return RobinhoodFeed(KEY, SECRET, clock, bars, url=double.url, seconds=patience(request))


class TestFeed(FeedContract):
    symbol = pytest.fixture(lambda _: "BTC/USD")


def test_a_quote_is_what_robinhood_deals_at_exact_and_without_sizes(feed):
    quote = feed.quote("BTC/USD")
    assert (quote.bid, quote.ask) == (Decimal("70800.12"), Decimal("71390.5"))
    assert (quote.bid_size, quote.ask_size, quote.simulated) == (None, None, False)
    assert quote.event_time == NOW - timedelta(milliseconds=300)
    assert (quote.known_at, quote.source) == (NOW, "robinhood")


def test_bars_are_anothers_and_say_so(feed):
    assert feed.name == "robinhood+yahoo"
    assert feed.label("BTC/USD") == "yahoo"
    assert len(feed.bars("BTC/USD")) == 2
    assert feed.bars("IBM") is None  # though the other feed has it


def test_why_the_other_feed_is_silent_is_passed_on_and_forgotten(feed, bars):
    bars.words = "Yahoo could not be reached"
    assert feed.bars("BTC/USD") is None
    assert feed.notice() == "Yahoo could not be reached"
    assert feed.bars("NOSUCH/USD") is None
    assert feed.notice() == ""


def test_a_listing_has_robinhoods_steps(feed):
    listed = feed.instrument("BTC/USD")
    assert listed.asset_class is AssetClass.CRYPTO
    assert (str(listed.tick), str(listed.lot)) == ("0.01", "1E-8")
    assert (listed.currency, listed.calendar) == ("USD", listing("BTC/USD", "", "").calendar)
    assert not feed.instrument("OLD/USD").tradable


def test_status_says_what_robinhoods_three_words_say(feed):
    told = [feed.status(symbol) for symbol in ("BTC/USD", "ETH/USD", "OLD/USD")]
    assert told == [Status(word, Session.OPEN, Borrow.NONE) for word in (False, None, True)]


def test_a_coin_that_is_halted_or_gone_since_its_listing_is_not_said_to_trade(feed, double, clock):
    assert feed.status("BTC/USD").halted is False
    clock.advance(timedelta(seconds=1))
    double.answer.coins[0]["status"] = "untradable"
    assert feed.status("BTC/USD").halted is True
    clock.advance(timedelta(seconds=1))
    del double.answer.coins[0]
    assert feed.status("BTC/USD").halted is None


def test_every_page_is_read_from_robinhood_itself_and_kept_for_an_hour(feed, double, clock):
    for symbol in ("BTC/USD", "ETH/USD", "OLD/USD"):
        assert feed.instrument(symbol)
    assert [query for _, query, _ in double.asked] == [{}, {"cursor": "a=b/2"}]
    clock.advance(timedelta(hours=1))
    double.answer.coins.append(coin("DOGE-USD"))
    assert feed.instrument("DOGE/USD")


def test_pages_without_an_end_are_refused(feed, double):
    page = {"next": "https://trading.robinhood.com/?cursor=again", "results": []}
    double.answer = lambda *asked: (200, page)
    with pytest.raises(DataUnavailable, match="don't end"):
        feed.instrument("BTC/USD")


def test_a_question_is_signed_anew_each_time(feed, double, clock):
    feed.quote("BTC/USD")
    clock.advance(timedelta(seconds=40))
    assert feed.quote("BTC/USD")
    stamps = [headers["x-timestamp"] for path, _, headers in double.asked if path == PRICES]
    assert int(stamps[1]) - int(stamps[0]) == 40


def test_a_key_with_the_public_one_behind_it_is_the_same_key(double, clock, bars):
    both = base64.b64encode(SEED + PUBLIC.public_bytes_raw()).decode()
    assert RobinhoodFeed(KEY, f" {both}\n", clock, bars, url=double.url).quote("BTC/USD")


@pytest.mark.parametrize("wrong", ["", "not base64!", "AAAA", base64.b64encode(b"x" * 33).decode()])
def test_what_is_no_private_key_is_told_without_it(clock, bars, wrong):
    with pytest.raises(ConfigError, match="ROBINHOOD_PRIVATE_KEY is no Ed25519") as caught:
        RobinhoodFeed(KEY, wrong, clock, bars)
    assert not wrong or wrong not in str(caught.value)


def test_another_key_or_a_wrong_clock_is_told(double, clock, bars):
    other = base64.b64encode(b"o" * 32).decode()
    with pytest.raises(Unanswered, match="set ROBINHOOD_API_KEY and ROB") as told:
        RobinhoodFeed(KEY, other, clock, bars, url=double.url).quote("BTC/USD")
    assert other not in str(told.value)
    late = SetClock(NOW - timedelta(seconds=31))
    with pytest.raises(Unanswered, match="this clock is right"):
        RobinhoodFeed(KEY, SECRET, late, bars, url=double.url).quote("BTC/USD")


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [best("ETH-USD")],
        [best(bid=2, ask=1)],
    ],
)
def test_no_bid_and_ask_of_the_coin_is_no_quote(feed, double, rows):
    double.answer.best = rows
    with pytest.raises(DataUnavailable, match="no bid and ask of BTC/USD now"):
        feed.quote("BTC/USD")


@pytest.mark.parametrize(
    "rows", [None, 5, {}, [5], [best(bid=0)], [best(ask="NaN")], [best() | {"timestamp": "x"}]]
)
def test_an_answer_of_another_shape_is_told(feed, double, rows):
    double.answer.best = rows
    with pytest.raises(Unanswered, match="not as documented"):
        feed.quote("BTC/USD")


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_a_sentence_without_the_keys_and_asked_once(feed, double, fault):
    double.broken = fault
    with pytest.raises(Unanswered, match=r"^Robinhood.*\.$") as caught:
        feed.quote("BTC/USD")
    assert KEY not in str(caught.value)
    assert SECRET not in str(caught.value)
    assert len(double.asked) == 1
    double.broken = ""
    assert feed.quote("BTC/USD")


def test_what_the_key_may_not_do_is_an_answer_and_not_a_fault(feed, double):
    body = {"type": "client_error", "errors": [{"detail": "No permission.", "attr": None}]}
    double.answer = lambda *asked: (403, body)
    with pytest.raises(DataUnavailable, match="refuses the question: No permission") as caught:
        feed.quote("BTC/USD")
    assert not isinstance(caught.value, Unanswered)


def test_through_the_market_the_quote_is_real_and_the_bars_are_labelled(feed, clock):
    kept = guarded(feed, clock)
    assert isinstance(kept, QuotingFeed)
    assert not isinstance(kept, IntradayFeed | StreamingFeed)
    market = Market([kept], clock)
    assert market.quote("btc-usd", NOW).source == "robinhood"
    assert market.history("BTC/USD", NOW).feed == "yahoo"
    assert market.status("BTC/USD", NOW).halted is False
