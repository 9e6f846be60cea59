"""The unmodified ccxt.pro against local servers that speak Binance's and Coinbase's WebSocket."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from queue import SimpleQueue
from types import SimpleNamespace

import pytest

from tests.contracts.stream import StreamContract
from tests.market_data.ccxt_double import Binance, Coinbase, iso, millis, urls
from tests.market_data.clocks import SetClock
from tests.market_data.rest_double import rest_double
from tests.market_data.stream_double import StreamDouble, stream_double
from tools.domain.errors import InputError
from tools.domain.market import Quote, Tick
from tools.market_data.feeds.ccxt import CcxtFeed
from tools.market_data.feeds.ccxt_stream import CcxtLine, Touched

SOON = 20
NOW = datetime(2024, 6, 7, 12, 0, tzinfo=UTC)
AT = NOW - timedelta(milliseconds=40)
BOOK = {
    "u": 400900217,
    "s": "BTCUSDT",
    "b": "67000.01000000",
    "B": "1.25000000",
    "a": "67000.02000000",
    "A": "0.50000000",
}
TRADE = {
    "e": "trade",
    "E": millis(AT),
    "s": "BTCUSDT",
    "t": 12345,
    "p": "67000.02000000",
    "q": "0.00150000",
    "T": millis(AT),
    "m": False,
    "M": True,
}
SIZES = {"bid_size": Decimal("1.25"), "ask_size": Decimal("0.5")}


def quote(symbol, at, source):
    prices = Decimal("67000.01"), Decimal("67000.02")
    return Quote(symbol, *prices, at, NOW, source, simulated=False, **SIZES)


def tick(symbol, price="67000.02"):
    return Tick(symbol, Decimal(price), Decimal("0.0015"), AT, NOW)


class BinanceDouble(StreamDouble):
    """developers.binance.com: WebSocket streams; two subscriptions over one connection."""

    async def greet(self, socket):
        named = []
        for _ in range(2):
            asked = json.loads(await socket.recv())
            assert asked["method"] == "SUBSCRIBE"
            named += asked["params"]
            await socket.send(json.dumps({"result": None, "id": asked["id"]}))
        return sorted(named)

    def packed(self, frame):
        return json.dumps(frame)


def market_trades(*trades, kind="update"):
    rows = [
        {"product_id": "BTC-USD", "price": "67000.02", "size": "0.0015", "side": "BUY"}
        | {"time": iso(millis(AT)), "trade_id": "12345"}
        | trade
        for trade in trades
    ]
    return {"channel": "market_trades", "events": [{"type": kind, "trades": rows}]}


def ticker(**said):
    row = {
        "type": "ticker",
        "product_id": "BTC-USD",
        "price": "67000.02",
        "best_bid": "67000.01",
        "best_bid_quantity": "1.25",
        "best_ask": "67000.02",
        "best_ask_quantity": "0.5",
    }
    events = [{"type": "update", "tickers": [row | said]}]
    return {"channel": "ticker", "timestamp": iso(millis(AT)), "events": events}


class CoinbaseDouble(StreamDouble):
    """docs.cdp.coinbase.com: Advanced Trade WebSocket, public channels."""

    async def greet(self, socket):
        named = []
        for _ in range(3):  # all trades at once, and each pair's ticker
            asked = json.loads(await socket.recv())
            assert asked["type"] == "subscribe"
            named += [f"{asked['channel']} {name}" for name in asked["product_ids"]]
            await socket.send(
                json.dumps(
                    {
                        "channel": "subscriptions",
                        "events": [{"subscriptions": {asked["channel"]: asked["product_ids"]}}],
                    }
                )
            )
        return sorted(named)

    def packed(self, frame):
        return json.dumps(frame)


class Streaming(StreamContract):
    """What both share. No exchange wants a key here; one that refuses everybody stands in."""

    secret = pytest.fixture(lambda _: "apiKey")
    setting = pytest.fixture(lambda _: "TOLLGATE_EXCHANGE")

    @pytest.fixture
    def rest(self, exchange):
        answer = Binance() if exchange == "binance" else Coinbase()
        answer.listed["ETH"] = "online"
        with rest_double(answer) as running:
            yield running

    @pytest.fixture
    def feed(self, exchange, rest, server, patience):
        at = urls(exchange, rest.url, server.url)
        feed = CcxtFeed(exchange, SetClock(NOW), urls=at, patience=patience)
        # The double has no limit of its own, and its connections close at once.
        feed._source.api.rateLimit = 1
        feed._source._config |= {"rateLimit": 1, "timeout_on_exit": 0}
        return feed

    @pytest.fixture
    def stranger(self, feed, rest):
        rest.answer = lambda *asked: (451, {"code": 0, "msg": "restricted location"})
        return feed

    def test_listings_are_loaded_once_and_not_for_each_connection(self, line, server, rest, said):
        server.cut()
        server.subscribed.get(timeout=SOON)
        paths = [path for path, _, _ in rest.asked]
        assert len([path for path in paths if path.endswith(("exchangeInfo", "products"))]) <= 3
        assert len(paths) <= 3

    def test_a_pair_that_is_not_listed_is_told_and_not_tried_again(self, feed, server, heard, log):
        line = feed.stream(["NEVER/USDT"], heard.put)
        said = log.get(timeout=SOON)
        assert "has no NEVER/USDT to listen to" in said
        assert line.problem() == said
        line.close()
        assert server.opened == 0

    @pytest.mark.parametrize("symbols", [[], ["IBM"], ["BTC/USDT", "^GSPC"]])
    def test_what_is_no_pair_is_refused(self, feed, symbols):
        with pytest.raises(InputError, match="of pairs such as BTC/USD"):
            feed.stream(symbols, print)


class TestBinance(Streaming):
    exchange = pytest.fixture(lambda _: "binance")
    symbols = pytest.fixture(lambda _: ("BTC/USDT", "eth-usdt"))
    unasked = pytest.fixture(lambda _: TRADE | {"s": "GONEUSDT"})
    garbage = pytest.fixture(
        lambda _: ["{not json", "<html>", b"\xff\xfe", [5], TRADE | {"T": "x"}, TRADE | {"p": "x"}]
    )

    @pytest.fixture
    def said(self):
        # Its best bids and asks have no moment: theirs is when they came.
        return [
            (BOOK, quote("BTC/USDT", NOW, "binance")),
            (TRADE, tick("BTC/USDT")),
            (BOOK | {"s": "ETHUSDT"}, quote("ETH/USDT", NOW, "binance")),
        ]

    @pytest.fixture
    def server(self):
        with stream_double(BinanceDouble()) as running:
            yield running

    def test_trades_and_best_quotes_are_asked_for_over_one_connection(self, opened, server):
        assert opened[1] == [
            "btcusdt@bookTicker",
            "btcusdt@trade",
            "ethusdt@bookTicker",
            "ethusdt@trade",
        ]
        assert server.opened == 1

    def test_all_of_a_burst_is_heard_at_once_and_in_order(self, line, server, heard):
        rows = [TRADE | {"t": 100 + n, "p": f"670{n:02}.5"} for n in range(50)]
        both = [frame for row in rows for frame in (row, BOOK | {"b": row["p"], "a": row["p"]})]
        server.send(*both)
        found = [heard.get(timeout=SOON) for _ in both]
        assert [datum.price for datum in found if isinstance(datum, Tick)] == [
            Decimal(row["p"]) for row in rows
        ]
        assert {datum.bid for datum in found if isinstance(datum, Quote)} >= {
            Decimal(rows[-1]["p"])
        }

    def test_trades_of_one_moment_are_each_heard(self, line, server, heard):
        server.send(*(TRADE | {"t": 9 + n} for n in range(3)))
        assert [heard.get(timeout=SOON) for _ in range(3)] == [tick("BTC/USDT")] * 3

    @pytest.mark.parametrize(
        "odd",
        [TRADE | {"p": "0"}, TRADE | {"p": "-1"}, TRADE | {"q": None}, BOOK | {"b": "0"}],
    )
    def test_a_datum_without_a_price_is_left_out(self, line, server, heard, odd):
        server.send(odd, TRADE)
        assert heard.get(timeout=SOON) == tick("BTC/USDT")
        assert heard.empty()


class TestCoinbase(Streaming):
    exchange = pytest.fixture(lambda _: "coinbase")
    symbols = pytest.fixture(lambda _: ("BTC/USD", "eth-usd"))
    unasked = pytest.fixture(lambda _: market_trades({"product_id": "GONE-USD"}))
    # JSON that ccxt doesn't know it passes over: tomorrow's channels look like that.
    garbage = pytest.fixture(
        lambda _: [
            "{not json",
            "<html>",
            b"\xff\xfe",
            market_trades({"time": "yesterday"}),
            market_trades({"price": "x"}),
            {"type": "error", "message": "authentication failure"},
        ]
    )

    @pytest.fixture
    def said(self):
        return [
            (ticker(), quote("BTC/USD", AT, "coinbase")),
            (market_trades({}), tick("BTC/USD")),
            (market_trades({"product_id": "ETH-USD"}), tick("ETH/USD")),
        ]

    @pytest.fixture
    def server(self):
        with stream_double(CoinbaseDouble()) as running:
            yield running

    def test_trades_and_tickers_are_asked_for(self, opened):
        assert opened[1] == [
            "market_trades BTC-USD",
            "market_trades ETH-USD",
            "ticker BTC-USD",
            "ticker ETH-USD",
        ]

    def test_trades_of_before_a_break_are_not_told_again(self, line, server, heard):
        server.send(market_trades({}))
        assert heard.get(timeout=SOON) == tick("BTC/USD")
        before = {"time": iso(millis(NOW - timedelta(hours=1))), "trade_id": "1"}
        server.greeting = [
            market_trades({"trade_id": "12346", "price": "2"}, {}, before, kind="snapshot")
        ]
        server.cut()
        assert heard.get(timeout=SOON) == tick("BTC/USD", "2")
        assert heard.empty()

    def test_a_pair_that_comes_under_another_name_is_heard_under_its_own(
        self, listen, feed, server, rest, heard
    ):
        double = rest.answer.product("BTC", "online")
        own = {"product_id": "BTC-USDC", "quote_currency_id": "USDC", "alias": "BTC-USD"}
        rest.answer.products = [double | own]
        listen(feed, ["BTC/USDC", "ETH/USD"], heard.put)
        server.send(market_trades({}), ticker())
        assert heard.get(timeout=SOON) == tick("BTC/USDC")
        assert heard.get(timeout=SOON) == quote("BTC/USDC", AT, "coinbase")
        assert heard.empty()

    def test_what_the_exchange_says_of_an_error_is_in_the_log(self, line, server, log):
        server.send({"type": "error", "message": "too many subscriptions"})
        assert "too many subscriptions" in log.get(timeout=SOON)


class Kept(list):
    """Counts how often somebody looks at the last trade."""

    looks = 0

    def __getitem__(self, at):
        Kept.looks += at == -1
        return super().__getitem__(at)


def test_a_message_costs_a_look_at_its_own_pairs_however_many_there_are(monkeypatch):
    names = [f"A{n}/USD" for n in range(1000)]
    line = object.__new__(CcxtLine)
    line._clock, line._traded, line._quoted = SetClock(NOW), {}, {}
    told = []
    monkeypatch.setattr(line, "_trade", lambda symbol, row, known: told.append(symbol))
    kept = {name: Kept([{"timestamp": millis(AT), "id": "1"}]) for name in names}
    api = SimpleNamespace(trades=Touched(kept), bidsasks=Touched({}), tickers=Touched({}))
    called = {name: [name] for name in names}
    line._pass_on(api, called)
    assert len(told) == 1000
    Kept.looks = 0
    api.trades["A7/USD"].append({"timestamp": millis(AT), "id": "2"})
    line._pass_on(api, called)
    assert told[1000:] == ["A7/USD"]
    assert Kept.looks == 1


def test_a_feed_can_be_asked_while_its_stream_is_open():
    """The stream works on an exchange of its own; the listings are the same."""
    with rest_double(Binance()) as rest, stream_double(BinanceDouble()) as server:
        feed = CcxtFeed(
            "binance", SetClock(NOW), urls=urls("binance", rest.url, server.url), seconds=5
        )
        line = feed.stream(["BTC/USDT"], SimpleQueue().put)
        try:
            server.subscribed.get(timeout=SOON)
            assert feed.instrument("BTC/USDT")
            assert feed.quote("BTC/USDT")
        finally:
            line.close()
