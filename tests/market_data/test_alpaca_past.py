"""Alpaca's bars, trades and quotes of the past, through the unmodified alpaca-py."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tests.contracts.intraday import IntradayContract
from tests.contracts.quotes import QuotesContract
from tests.contracts.trades import TradesContract
from tests.execution.alpaca.faults import Fault, limited, status, unclear
from tests.execution.alpaca.market import START as NOW
from tests.execution.alpaca.server import KEY, SECRET
from tests.market_data.alpaca_double import alpaca_double, stamped
from tests.market_data.clocks import SetClock
from tools.alpaca_session import Keys
from tools.domain.errors import DataUnavailable
from tools.domain.timeframe import MINUTE, Timeframe
from tools.market_data.collection.gathering import gather
from tools.market_data.columns import moment_of, nanoseconds
from tools.market_data.feeds.alpaca import AlpacaFeed
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.resilience.guard import guarded
from tools.market_data.store.fetching import Fetcher
from tools.market_data.store.files import LocalFiles
from tools.market_data.store.parquet import ParquetParts
from tools.market_data.store.ranges import Span
from tools.market_data.store.store import MarketStore

FRIDAY = datetime(2026, 1, 2, 14, 30, tzinfo=UTC)
SUNDAY = datetime(2026, 1, 4, 3, 0, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def bar_at(moment, price=200.0, volume=100):
    ends = {"o": price, "h": price + 0.5, "l": price - 0.5, "c": price + 0.25, "vw": price}
    return {"t": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "v": volume, "n": 3} | ends


def trade_at(moment, price=200.0, coin=False):
    row = {"t": stamped(moment), "p": price, "s": 0.125 if coin else 100, "i": 7}
    return row | ({"tks": "B"} if coin else {"x": "V", "c": ["@"], "z": "A"})


def quote_at(moment, bid=199.99, ask=200.01, coin=False):
    row = {"t": stamped(moment), "bp": bid, "bs": 0.5 if coin else 3, "ap": ask, "as": 2}
    return row | ({} if coin else {"bx": "V", "ax": "V", "c": ["R"], "z": "A"})


@pytest.fixture
def double():
    with alpaca_double(page=7) as running:
        for symbol, start in (("IBM", FRIDAY), ("BTC/USD", SUNDAY)):
            coin = "/" in symbol
            moments = [start + number * 60 * SECOND for number in range(20)]
            running.kept["bars", symbol] = [bar_at(at) for at in moments]
            running.kept["trades", symbol] = [trade_at(at, coin=coin) for at in moments]
            running.kept["quotes", symbol] = [quote_at(at, coin=coin) for at in moments]
        yield running


@pytest.fixture
def clock():
    return SetClock(NOW)


@pytest.fixture
def feed(double, clock):
    return opened(double, clock)


def opened(double, clock, **more):
    keys = Keys(KEY, SECRET)
    return AlpacaFeed(keys, clock, trading_url=double.url, data_url=double.url, **more)


class OfBoth:
    symbol = pytest.fixture(params=["IBM", "BTC/USD"])(lambda _, request: request.param)
    start = pytest.fixture(lambda _, symbol: SUNDAY if "/" in symbol else FRIDAY)
    end = pytest.fixture(lambda _, start: start + timedelta(hours=1))


class TestBars(OfBoth, IntradayContract):
    pass


class TestTrades(OfBoth, TradesContract):
    pass


class TestQuotes(OfBoth, QuotesContract):
    pass


# ------------------------------------------------------------------------------ what is asked for


def test_shares_are_of_all_exchanges_and_as_traded(double, feed):
    feed.range("IBM", MINUTE, FRIDAY, FRIDAY + timedelta(hours=1))
    query = double.asked("GET", "/v2/stocks/bars")[0][2]
    assert (query["feed"], query["adjustment"], query["timeframe"]) == ("sip", "raw", "1Min")


@pytest.mark.parametrize(("stock_feed", "last"), [("iex", 43), ("sip", 59)])
def test_the_last_quarter_of_an_hour_of_shares_needs_a_subscription(
    double, clock, stock_feed, last
):
    opens = NOW - timedelta(minutes=30)
    double.kept["bars", "IBM"] = [bar_at(opens + n * 60 * SECOND) for n in range(31)]
    found = opened(double, clock, stock_feed=stock_feed).range("IBM", MINUTE, opens, NOW)
    assert moment_of(found.start[-1]).minute == last


def test_coins_are_told_up_to_now(double, feed):
    double.kept["trades", "BTC/USD"] = [trade_at(NOW - SECOND, coin=True)]
    assert len(feed.trades("BTC/USD", NOW - timedelta(minutes=1), NOW)) == 1


def test_a_span_of_the_future_is_not_asked_for(double, feed):
    assert len(feed.trades("IBM", NOW, NOW + timedelta(days=1))) == 0
    assert double.asked("GET", "/v2/stocks/trades") == []


def test_half_a_day_is_what_there_is(double, feed):
    half = [bar_at(FRIDAY + number * timedelta(hours=1)) for number in range(4)]
    double.kept["bars", "IBM"] = half
    found = feed.range("IBM", Timeframe.parse("1h"), FRIDAY, FRIDAY + timedelta(days=1))
    assert len(found) == 4


def test_a_coin_has_bars_all_weekend(double, feed):
    hours = [SUNDAY - timedelta(days=1) + number * timedelta(hours=1) for number in range(24)]
    double.kept["bars", "BTC/USD"] = [bar_at(at, volume=0) for at in hours]
    found = feed.range("BTC/USD", Timeframe.parse("1h"), hours[0], SUNDAY)
    assert len(found) == 24
    assert found.volume.tolist() == [0] * 24


@pytest.mark.parametrize("what", ["trades", "quotes", "1m", "5m", "15m"])
def test_what_is_late_by_subscription_is_fetched_later_and_never_lost(
    double, feed, clock, tmp_path, what
):
    made = {"trades": trade_at, "quotes": quote_at}
    step = Timeframe.parse(what).length if what not in made else timedelta(minutes=1)
    begin = NOW - 2 * HOUR + (30 * SECOND if what in made else timedelta())
    moments = [begin + number * step for number in range(int(4 * HOUR / step))]
    double.page_size = 1000
    double.kept[what if what in made else "bars", "IBM"] = [
        made.get(what, bar_at)(at) for at in moments
    ]
    store = MarketStore(ParquetParts(LocalFiles(tmp_path / "market")), clock)
    fetcher = Fetcher(store, clock, tmp_path / "locks")
    whole = Span(moments[0], moments[-1] + SECOND)
    for _ in range(30):
        gathered = gather([guarded(feed, clock)], fetcher, "IBM", what, whole)
        clock.advance(timedelta(minutes=7))
    assert len(store.read(gathered.series, whole)) == len(moments)


# -------------------------------------------------------------------------------- what is odd, raw


def test_moments_are_exact_to_the_nanosecond_in_any_zone(double, feed):
    texts = ["2026-01-02T14:30:00.123456789Z", "2026-01-02T09:30:01.5-05:00",
             "2026-01-02T14:30:02Z", "2026-01-02T14:30:03.1234567Z"]  # fmt: skip
    double.kept["trades", "IBM"] = [trade_at(FRIDAY) | {"t": text} for text in texts]
    first = nanoseconds(FRIDAY)
    found = feed.trades("IBM", FRIDAY, FRIDAY + timedelta(hours=1))
    assert (found.time - first).tolist() == [123456789, 1500000000, 2000000000, 3123456700]


def test_rows_out_of_order_are_put_in_order_and_none_is_lost(double, feed):
    kept = double.kept
    kept["trades", "IBM"] = [trade_at(FRIDAY + n * SECOND, 200.0 + n) for n in (2, 0, 1, 1)]
    kept["bars", "IBM"] = [bar_at(FRIDAY + n * 60 * SECOND, 200.0 + n) for n in (2, 0, 1, 1)]
    later = FRIDAY + timedelta(hours=1)
    assert feed.trades("IBM", FRIDAY, later).price.tolist() == [200, 201, 201, 202]
    assert feed.range("IBM", MINUTE, FRIDAY, later).open.tolist() == [200, 201, 202]


def test_quotes_without_a_side_or_crossed_are_kept_raw(double, feed):
    sides = [(0, 200.0), (200.0, 0), (201.0, 200.0)]
    rows = [quote_at(FRIDAY + n * SECOND, *pair) for n, pair in enumerate(sides)]
    double.kept["quotes", "IBM"] = rows
    found = feed.quotes("IBM", FRIDAY, FRIDAY + timedelta(hours=1))
    assert list(zip(found.bid.tolist(), found.ask.tolist(), strict=True)) == sides


def test_sizes_that_count_round_lots_are_not_taken_for_shares(double, feed):
    before, after = datetime(2025, 10, 31, 14, tzinfo=UTC), datetime(2025, 11, 3, 15, tzinfo=UTC)
    double.kept["quotes", "IBM"] = [quote_at(before), quote_at(after)]
    found = feed.quotes("IBM", before, after + SECOND)
    assert np.isnan(found.bid_size[0])
    assert found.bid_size[1] == 3
    double.kept["quotes", "BTC/USD"] = [quote_at(before, coin=True)]
    assert feed.quotes("BTC/USD", before, after).bid_size.tolist() == [0.5]


def test_a_trade_that_was_taken_back_is_there_as_reported(double, feed):
    double.kept["trades", "IBM"] = [trade_at(FRIDAY) | {"u": "canceled"}]
    assert len(feed.trades("IBM", FRIDAY, FRIDAY + SECOND)) == 1


# ------------------------------------------------------------------------------------ what is wrong

TRADES = "/v2/stocks/trades"


def ask(feed):
    return feed.trades("IBM", FRIDAY, FRIDAY + timedelta(hours=1))


@pytest.mark.parametrize("after", [lambda *_: "7", lambda after, _: "7" if after > 7 else "14"])
def test_pages_that_come_round_again_are_given_up(double, feed, after):
    double.token = after
    with pytest.raises(DataUnavailable, match="come round again"):
        ask(feed)
    assert len(double.asked("GET", TRADES)) <= 4


def test_a_page_that_breaks_off_loses_the_whole_and_not_a_part(double, feed, clock):
    double.fault("GET", TRADES, Fault("none", True, lambda h, code, body: h.reply(
        code, json.dumps(body).encode())))  # fmt: skip
    double.fault("GET", TRADES, unclear("half_json_done"))
    with pytest.raises(Unanswered):
        ask(feed)
    clock.advance(timedelta(seconds=6))
    assert len(ask(feed)) == 20


@pytest.mark.parametrize(
    "odd",
    [{"p": None}, {"p": True}, {"p": "x"}, {"s": [1]}, {"t": None}, {"t": "2026-01-02 14:30"},
     {"t": "yesterday"}, {"t": 5}],
)  # fmt: skip
def test_a_row_that_is_not_as_documented_is_an_error(double, feed, odd):
    rows = {"trades": {"IBM": [trade_at(FRIDAY) | odd]}, "next_page_token": None}
    answer = Fault("odd", True, lambda h, *_: h.reply(200, json.dumps(rows).encode()))
    double.fault("GET", TRADES, answer)
    with pytest.raises(DataUnavailable, match="not as documented"):
        ask(feed)


@pytest.mark.parametrize(
    "body",
    [
        {"trades": []},
        {"trades": [1]},
        {"trades": {"IBM": "x"}},
        {"trades": {}, "next_page_token": 5},
    ],
)
def test_an_answer_of_another_shape_is_an_error_or_empty(double, feed, body):
    answer = Fault("odd", True, lambda h, *_: h.reply(200, json.dumps(body).encode()))
    double.fault("GET", TRADES, answer)
    if body == {"trades": []}:
        assert len(ask(feed)) == 0
        return
    with pytest.raises(DataUnavailable, match="can't be read"):
        ask(feed)


@pytest.mark.parametrize("name", ["html_done", "truncated_done", "dropped_before", "500", "504"])
def test_what_is_no_answer_is_unanswered(double, feed, name):
    double.fault("GET", TRADES, unclear(name))
    with pytest.raises(Unanswered, match="Alpaca"):
        ask(feed)


def test_a_question_that_is_refused_says_why_and_closes_nothing(double, feed):
    said = {"message": "invalid start: later than end"}
    double.fault("GET", TRADES, Fault("422", False, status(422, said)))
    with pytest.raises(DataUnavailable, match="invalid start: later than end") as caught:
        ask(feed)
    assert not isinstance(caught.value, Unanswered)
    assert len(ask(feed)) == 20


@pytest.mark.parametrize(
    ("headers", "wait"),
    [({"Retry-After": "30"}, 30), ({}, None), ({"Retry-After": "soon"}, None),
     ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 20)}, 20),
     ({"X-RateLimit-Reset": "9" * 12}, 60), ({"X-RateLimit-Reset": "0"}, 0),
     ({"X-RateLimit-Reset": "later"}, None)],
)  # fmt: skip
def test_a_rate_limit_says_how_long_to_wait_where_alpaca_does(double, feed, headers, wait):
    said = {"message": "too many requests."}
    double.fault("GET", TRADES, Fault("429", False, status(429, said, headers.items())))
    with pytest.raises(Unanswered, match="rate limit") as caught:
        ask(feed)
    assert (caught.value.limited, caught.value.retry_after_s) == (True, wait)


def test_the_double_tells_the_end_of_a_limit_as_alpaca_does(double, feed):
    double.fault("GET", TRADES, limited(int(NOW.timestamp()) + 7))
    with pytest.raises(Unanswered) as caught:
        ask(feed)
    assert caught.value.retry_after_s == 7
