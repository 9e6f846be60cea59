"""The unmodified ccxt against a local server that speaks the exchanges' documented JSON."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.contracts.feed import FeedContract
from tests.contracts.intraday import IntradayContract
from tests.contracts.trades import TradesContract
from tests.market_data.ccxt_double import AFTER, NOW, START, Binance, Coinbase, Kraken, millis, urls
from tests.market_data.clocks import SetClock
from tests.market_data.rest_double import FAULTS, rest_double
from tools.domain.errors import ConfigError, DataUnavailable, InputError
from tools.domain.instrument import AssetClass
from tools.domain.status import Session
from tools.domain.timeframe import MINUTE, Timeframe, Unit
from tools.market_data.feeds.ccxt import CcxtFeed
from tools.market_data.feeds.ccxt_words import daily_of
from tools.market_data.feeds.feed import IntradayFeed, QuotingFeed, TradesFeed
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.resilience.guard import guarded
from tools.market_data.market import Market

DOUBLES = {"binance": Binance, "coinbase": Coinbase, "kraken": Kraken}
SYMBOLS = {"binance": "BTC/USDT", "coinbase": "BTC/USD", "kraken": "BTC/USD"}


def made(exchange, double, seconds=5.0, clock=None):
    feed = CcxtFeed(
        exchange, clock or SetClock(NOW), urls=urls(exchange, double.url), seconds=seconds
    )
    feed._source.api.rateLimit = 1  # the double has no limit of its own
    return feed


@pytest.fixture(params=["binance", "coinbase"])
def exchange(request):
    return request.param


@pytest.fixture
def double(exchange):
    with rest_double(DOUBLES[exchange]()) as running:
        yield running


@pytest.fixture
def feed(exchange, double):
    return made(exchange, double)


@pytest.fixture
def symbol(exchange):
    return SYMBOLS[exchange]


@pytest.fixture
def binance():
    with rest_double(Binance()) as running:
        yield running


class Asked:
    """What the exams ask about."""

    start = pytest.fixture(lambda _: START)
    end = pytest.fixture(lambda _: AFTER)


class TestFeed(Asked, FeedContract): ...


class TestIntraday(Asked, IntradayContract):
    @pytest.fixture
    def feed(self, feed):
        feed._frames = {MINUTE: "1m"}
        return feed


class TestTrades(Asked, TradesContract): ...


def test_it_offers_what_a_feed_may_and_says_whose_it_is(feed, exchange):
    kept = guarded(feed, SetClock(NOW))
    assert isinstance(kept, IntradayFeed)
    assert isinstance(kept, TradesFeed)
    assert isinstance(kept, QuotingFeed)
    assert feed.name == exchange
    assert MINUTE in kept.timeframes


@pytest.mark.parametrize(
    ("exchange", "venue", "tick", "lot", "currency"),
    [
        ("binance", "Binance", "0.01", "0.00001", "USDT"),
        ("coinbase", "Coinbase Advanced", "0.01", "0.00000001", "USD"),
        ("kraken", "Kraken", "0.1", "0.00000001", "USD"),
    ],
)
def test_a_listing_has_the_exchanges_own_steps(feed, symbol, venue, tick, lot, currency):
    listed = feed.instrument(symbol)
    assert (listed.venue, listed.currency, listed.calendar) == (venue, currency, "24/7")
    assert (listed.tick, listed.lot) == (Decimal(tick), Decimal(lot))
    assert listed.asset_class is AssetClass.CRYPTO
    assert listed.tradable


def test_what_is_listed_and_stopped_is_not_tradable_and_halted(feed, symbol):
    stopped = symbol.replace("BTC", "GONE")
    assert not feed.instrument(stopped).tradable
    assert feed.status(stopped).halted is True


def test_days_are_exact_finished_and_of_the_exchange(feed, symbol):
    bars = feed.bars(symbol)
    assert [bar.session.day for bar in bars] == [3, 4, 5, 6]  # the seventh goes on
    assert (bars[0].open, bars[0].close) == (Decimal("67000.01"), Decimal("67050.25"))
    assert bars[0].volume == Decimal("12.5")
    assert bars[0].adjusted_close is None


@pytest.mark.parametrize(("after", "last"), [(1, 5), (3, 6)])
def test_a_day_that_ended_by_our_clock_alone_is_left_out(exchange, double, symbol, after, last):
    clock = SetClock(datetime(2024, 6, 7, tzinfo=UTC) + timedelta(seconds=after))
    assert made(exchange, double, clock=clock).bars(symbol)[-1].session.day == last


def test_a_minute_without_trades_is_no_bar(feed, symbol):
    found = feed.range(symbol, MINUTE, START, AFTER)
    minutes = (found.start - found.start[0]) // 60_000_000_000
    assert minutes.tolist() == [0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11]


def test_an_exchange_that_gives_fewer_rows_than_asked_is_asked_on(feed, double, symbol):
    double.answer.most = 3
    found = feed.range(symbol, MINUTE, START, AFTER)
    assert len(found) == 11
    assert (found.start[1:] > found.start[:-1]).all()
    assert len(feed.bars(symbol)) == 4


def test_an_empty_page_before_the_first_bar_does_not_end_the_search():
    with rest_double(Coinbase()) as double:
        bars = made("coinbase", double).bars("BTC/USD")
        asked = [query for path, query, _ in double.asked if path.endswith("candles")]
    assert len(bars) == 4
    assert len(asked) > 10  # Coinbase gives windows of time, and was there in none of the first


def test_a_bar_that_is_still_forming_is_left_out(exchange, double, symbol):
    clock = SetClock(START + timedelta(minutes=2, seconds=30))
    found = made(exchange, double, clock=clock).range(symbol, MINUTE, START, AFTER)
    assert len(found) == 2


@pytest.mark.parametrize("row", [[None] * 6, ["x"] * 6, [1717405200000, None, 1, 1, 1, 1], 5])
def test_rows_of_another_shape_are_told_or_left_out(feed, symbol, row):
    feed.instrument(symbol)
    feed._source.api.fetch_ohlcv = lambda *asked: [row]
    try:
        assert len(feed.range(symbol, MINUTE, START, AFTER)) == 0
    except DataUnavailable as error:
        assert "can't be read" in str(error)  # noqa: PT017 - either is right, by the row


def test_a_day_that_does_not_begin_at_midnight_is_refused():
    begins = millis(datetime(2024, 6, 3, 16, tzinfo=UTC))
    with pytest.raises(DataUnavailable, match="begins at 16:00 UTC and not at midnight"):
        daily_of("BTC/USDT", [[begins, "1", "1", "1", "1", "1"]], NOW)


def test_trades_are_exact_by_time_and_then_by_number(feed, symbol):
    found = feed.trades(symbol, START, AFTER)
    assert found.price.tolist() == [float(f"670{n:02}.1") for n in range(1, 25)]
    assert found.size.tolist() == [0.0015] * 24
    assert (found.time == found.known).all()


def test_trades_that_fill_a_page_are_asked_for_in_shorter_spans(feed, double, symbol):
    first = millis(START)
    double.answer.happened = [(n, first + 7 * n) for n in range(2600)]  # 18 seconds
    found = feed.trades(symbol, START, AFTER)
    assert ((found.time // 1_000_000 - first) // 7).tolist() == list(range(2600))


def test_more_trades_at_one_moment_than_a_page_has_are_told(feed, double, symbol):
    double.answer.happened = [(n, millis(START)) for n in range(1001)]
    with pytest.raises(DataUnavailable, match="at one moment than it gives at once"):
        feed.trades(symbol, START, AFTER)


def test_an_exchange_of_which_no_page_is_known_to_be_whole_gives_its_latest_trades():
    with rest_double(Kraken(most=10)) as double:
        feed = made("kraken", double)
        oldest = START + timedelta(milliseconds=400 * 8)  # perhaps not all of that moment's
        assert len(feed.trades("BTC/USD", oldest + timedelta(milliseconds=1), AFTER)) == 8
        for start in (START, oldest):
            with pytest.raises(DataUnavailable, match=r"latest trades only.*T09:00:03\.201Z: ask"):
                feed.trades("BTC/USD", start, AFTER)


def test_a_quote_has_sizes_and_the_exchanges_moment(feed, symbol, exchange):
    quote = feed.quote(symbol)
    assert (quote.bid, quote.ask) == (Decimal("67000.01"), Decimal("67000.02"))
    assert (quote.bid_size, quote.ask_size) == (Decimal("1.25"), Decimal("0.5"))
    assert quote.event_time == NOW - timedelta(milliseconds=250)
    assert (quote.known_at, quote.source, quote.simulated) == (NOW, exchange, False)


def test_where_an_exchange_tells_no_moment_its_answers_date_is_taken():
    with rest_double(Kraken()) as double:
        clock = SetClock(datetime.now(UTC) + timedelta(hours=1))
        quote = made("kraken", double, clock=clock).quote("BTC/USD")
        assert (quote.bid, quote.ask_size) == (Decimal("67000.1"), Decimal("0.5"))
        assert timedelta(minutes=59) < clock.wall() - quote.event_time < timedelta(minutes=61)


@pytest.mark.parametrize("prices", [("0", "0"), ("2", "1"), ("", ""), ("x", "1")])
def test_without_a_bid_and_an_ask_there_is_no_quote(binance, prices):
    whole = binance.answer.ticker_24hr
    named = dict(zip(("bidPrice", "askPrice"), prices, strict=True))
    binance.answer.ticker_24hr = lambda query: whole(query) | named
    binance.answer.depth = lambda query: {"lastUpdateId": 1, "bids": [], "asks": []}
    with pytest.raises(DataUnavailable, match=r"Binance has no bid and ask of BTC/USDT now\."):
        made("binance", binance).quote("BTC/USDT")


def test_trading_goes_on_where_something_was_traded_of_late(exchange, double, symbol):
    for later, halted in ((timedelta(minutes=4), False), (timedelta(minutes=6), None)):
        feed = made(exchange, double, clock=SetClock(START + later))
        status = feed.status(symbol)
        assert (status.halted, status.session) == (halted, Session.OPEN)


@pytest.mark.parametrize("symbol", ["IBM", "BRK-B", "RELIANCE.NS", "^GSPC", "BTC/XYZ"])
def test_what_is_no_pair_is_left_to_others_without_a_question(feed, double, symbol):
    assert feed.instrument(symbol) is None
    assert feed.bars(symbol) is None
    assert feed.quote(symbol) is None
    assert feed.status(symbol) is None
    assert double.asked == []


def test_a_pair_that_never_was_is_told_by_the_market(feed):
    clock = SetClock(NOW)
    market = Market([guarded(feed, clock)], clock)
    with pytest.raises(DataUnavailable, match=r"No feed has prices of NEVER/USDT\."):
        market.history("NEVER/USDT", NOW)


def test_a_pair_that_was_taken_off_meanwhile_is_a_refusal_in_the_exchanges_words(binance):
    binance.answer.listed["OLD"] = "online"
    feed = made("binance", binance)
    with pytest.raises(
        DataUnavailable, match=r"Binance refuses the question: Invalid symbol\."
    ) as e:
        feed.bars("OLD/USDT")
    assert not isinstance(e.value, Unanswered)
    assert "http" not in str(e.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("binanse", "did you mean binance"),
        ("Coinbase", "did you mean coinbase"),
        ("zzzz", "it has binance and coinbase"),
        ("__class__", "has no exchange '__class__'"),
        ("Exchange", "has no exchange 'Exchange'"),
    ],
)
def test_an_exchange_that_does_not_exist_is_told_with_those_that_are_near(name, said):
    with pytest.raises(ConfigError, match=f"TOLLGATE_EXCHANGE.*{said}"):
        CcxtFeed(name, SetClock(NOW))


def test_a_timeframe_that_it_does_not_have_names_those_that_it_has(feed, symbol):
    with pytest.raises(InputError, match=r"no bars of 7m: use .*1m, .*1h"):
        feed.range(symbol, Timeframe(7, Unit.MINUTE), START, AFTER)


SAYS = {
    "html": "a web page instead of data",
    "truncated": "broke off or can't be read",
    "empty": "broke off or can't be read",
    "500": r"out of order \(500\)",
    "429": "rate limit",
    "401": "wants a key",
    "redirect": r"out of order \(302\)",
    "hang-up": "could not be reached",
    "silent": r"did not answer within 0\.4 seconds",
    "drip": r"did not answer within 0\.4 seconds",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_told_in_a_sentence_and_asked_once(exchange, double, symbol, fault):
    feed = made(exchange, double, seconds=0.4)
    double.broken = fault
    with pytest.raises(Unanswered, match=f"^{feed._source.name}.*{SAYS[fault]}.*\\.$") as caught:
        feed.bars(symbol)
    assert "http" not in str(caught.value)
    assert len(double.asked) == 1
    double.broken = ""
    assert feed.bars(symbol)


def test_a_fault_on_a_later_page_gives_no_half_answer(feed, double, symbol):
    feed.instrument(symbol)
    double.answer.most, asked = 3, []
    whole = double.answer.__call__

    def answer(*told):
        asked.append(told)
        if len(asked) == 2:
            double.broken = "html"
        return whole(*told)

    double.answer = answer
    with pytest.raises(Unanswered, match="a web page instead of data"):
        feed.range(symbol, MINUTE, START, AFTER)


def test_a_host_that_cannot_be_reached_is_told_as_that(exchange, symbol):
    feed = CcxtFeed(exchange, SetClock(NOW), urls=urls(exchange, "http://127.0.0.1:1"))
    with pytest.raises(Unanswered, match=r"could not be reached \(\w+\)\.$"):
        feed.bars(symbol)


@pytest.mark.parametrize(
    ("status", "body", "wait", "limited", "again", "said"),
    [
        (429, {"code": -1003, "msg": "Too many requests"}, 12.0, True, True, "rate limit"),
        (418, {"code": -1003, "msg": "banned until 1"}, 12.0, True, True, "shut this address out"),
        (451, {"code": 0, "msg": "restricted location"}, None, False, False, "TOLLGATE_EXCHANGE"),
        (403, "<html>CloudFront", None, False, False, "refuses whoever asks from here"),
    ],
)
def test_limits_bans_and_blocks_are_told_apart(
    feed, double, symbol, status, body, wait, limited, again, said
):
    double.answer, double.retry_after = lambda *asked: (status, body), "12"
    with pytest.raises(Unanswered, match=said) as caught:
        feed.bars(symbol)
    found = caught.value
    assert (found.retry_after_s, found.limited, found.again) == (wait, limited, again)
    assert len(double.asked) == 1


@pytest.mark.parametrize("body", [[], {}, {"symbols": 5}, {"products": [5]}, [5], {"a": "b"}])
def test_a_listing_of_another_shape_is_told(feed, double, symbol, body):
    double.answer = lambda *asked: (200, body)
    with pytest.raises(DataUnavailable, match=r"can't be read|lists nothing"):
        feed.bars(symbol)


def test_listings_are_kept_for_an_hour_and_days_for_ten_minutes(exchange, double, symbol):
    clock = SetClock(NOW)
    feed = made(exchange, double, clock=clock)
    feed.bars(symbol)
    asked = len(double.asked)
    feed.bars(symbol)
    feed.instrument(symbol)
    assert len(double.asked) == asked
    clock.advance(timedelta(minutes=10))
    feed.bars(symbol)
    again = [path for path, _, _ in double.asked[asked:]]
    assert again
    assert not any(path.endswith(("exchangeInfo", "products")) for path in again)
    clock.advance(timedelta(minutes=50))
    double.answer.listed["NEW"] = "online"
    assert feed.instrument(symbol.replace("BTC", "NEW"))


def test_only_spot_listings_are_asked_for(binance):
    made("binance", binance).instrument("BTC/USDT")
    assert [path for path, _, _ in binance.asked] == ["/api/v3/exchangeInfo"]


def test_numbers_come_as_exact_as_they_were_sent(binance):
    sent = "0.12345678901234567890"
    whole = binance.answer.klines
    binance.answer.klines = lambda query: [
        [row[0], sent, *[sent] * 3, "1", *row[6:]] for row in whole(query)
    ]
    bar = made("binance", binance).bars("BTC/USDT")[0]
    assert bar.close == Decimal(sent)
    assert bar.session == date(2024, 6, 3)
