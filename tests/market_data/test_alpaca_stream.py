"""alpaca-py's unmodified streams against a local server that speaks their protocol."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgpack
import pytest

from tests.contracts.stream import SOON, StreamContract
from tests.execution.alpaca.server import KEY, SECRET
from tests.market_data.alpaca_stream_double import AlpacaStreamDouble, refusal
from tests.market_data.clocks import SetClock
from tests.market_data.stream_double import stream_double
from tools.alpaca_session import Keys, stream_url
from tools.domain.errors import ConfigError, InputError
from tools.domain.market import Bar, Quote, TakenBack, Tick
from tools.market_data.feeds.alpaca import AlpacaFeed

D = Decimal
NOW = datetime(2026, 1, 5, 15, 2, tzinfo=UTC)
AT = NOW - timedelta(milliseconds=40)
OPENED = NOW - timedelta(minutes=2)
BARS = {"o": 200.0, "h": 200.5, "l": 199.5, "c": 200.25, "v": 1200, "n": 9, "vw": 200.1}


def stamp(moment):
    whole = int(moment.timestamp())
    return msgpack.Timestamp(whole, moment.microsecond * 1000 + 123)


TRADE = {"T": "t", "S": "IBM", "i": 1, "x": "V", "p": 200.01, "s": 100, "c": ["@"], "z": "A",
         "t": stamp(AT)}  # fmt: skip
QUOTE = {"T": "q", "S": "BRK.B", "bx": "V", "bp": 400.1, "bs": 300, "ax": "V", "ap": 400.2,
         "as": 200, "c": ["R"], "z": "A", "t": stamp(AT)}  # fmt: skip
BAR = {"T": "b", "S": "IBM", "t": stamp(OPENED)} | BARS
TICK = Tick("IBM", D("200.01"), D(100), AT, NOW)


def bar_of(symbol, source="alpaca iex"):
    ends = OPENED + timedelta(minutes=1)
    prices = [D("200.0"), D("200.5"), D("199.5"), D("200.25"), D(1200)]
    return Bar(symbol, date(2026, 1, 5), OPENED, NOW, *prices, ends=ends, source=source)


class Streams(StreamContract):
    unasked = pytest.fixture(lambda _: TRADE | {"S": "MSFT"})
    secret = pytest.fixture(lambda _: "wrong-secret")
    setting = pytest.fixture(lambda _: "APCA_API_SECRET_KEY")

    @pytest.fixture
    def server(self):
        with stream_double(AlpacaStreamDouble()) as running:
            yield running

    @pytest.fixture
    def make(self, server, patience):
        def make(secret=SECRET, **more):
            url = server.url
            keys = Keys(KEY, secret)
            return AlpacaFeed(keys, SetClock(NOW), streams_url=url, patience=patience, **more)

        return make

    @pytest.fixture
    def feed(self, make):
        return make()

    @pytest.fixture
    def stranger(self, make, secret):
        return make(secret)


class TestShares(Streams):
    symbols = pytest.fixture(lambda _: ("ibm", "BRK.B"))
    garbage = pytest.fixture(
        lambda _: [
            b"\xc1", "<html>", b"\x93\x01", msgpack.packb({"T": "t"}), [5], [{"T": []}],
            TRADE | {"p": "x"}, TRADE | {"p": 0}, TRADE | {"s": None}, TRADE | {"t": "yesterday"},
            TRADE | {"p": float("nan")}, QUOTE | {"bp": -1.0}, {"T": "q", "S": "IBM"},
        ]
    )  # fmt: skip

    @pytest.fixture
    def said(self):
        quote = Quote("BRK.B", D("400.1"), D("400.2"), AT, NOW, "alpaca iex", False, D(300), D(200))
        return [(TRADE, TICK), (QUOTE, quote), (BAR, bar_of("IBM"))]

    def test_trades_quotes_and_bars_are_asked_for(self, opened, server):
        names = ["BRK.B", "IBM"]
        channels = ("trades", "quotes", "bars", "updatedBars")
        assert opened[1] == dict.fromkeys(channels, names)
        assert server.paths == ["/v2/iex"]

    def test_all_exchanges_have_a_stream_of_their_own(self, listen, make, server, heard):
        listen(make(stock_feed="sip"), ["IBM"], heard.put)
        assert server.paths == ["/v2/sip"]

    @pytest.mark.parametrize(("bid", "ask"), [(0, 200.5), (200.5, 0), (201.0, 200.0)])
    def test_quotes_without_a_side_or_crossed_are_passed_on_raw(
        self, line, server, heard, bid, ask
    ):
        server.send(QUOTE | {"bp": bid, "ap": ask})
        found = heard.get(timeout=SOON)
        assert (found.bid, found.ask) == (D(str(bid)), D(str(ask)))

    def test_a_bar_is_known_when_it_came_and_comes_again_when_it_changed(self, line, server, heard):
        trade = TRADE | {"t": stamp(OPENED + timedelta(seconds=5))}
        server.send([trade, BAR, BAR | {"T": "u", "h": 201.0}])
        _, first, again = (heard.get(timeout=SOON) for _ in range(3))
        assert first == bar_of("IBM")
        assert again == replace(bar_of("IBM"), high=D("201.0"))

    def test_a_cancelled_trade_is_named_as_it_was_told(self, line, server, heard):
        cancel = {"T": "x", "S": "IBM", "i": 1, "x": "V", "p": 200.01, "s": 100, "a": "C",
                  "z": "A", "t": stamp(NOW)}  # fmt: skip
        server.send([TRADE, cancel, cancel | {"x": "P"}, TRADE])
        found = [heard.get(timeout=SOON) for _ in range(3)]
        assert found == [TICK, TakenBack("IBM", D("200.01"), D(100), AT, NOW), TICK]
        assert heard.empty()

    def test_a_corrected_trade_is_told_with_what_is_right_and_may_be_cancelled_then(
        self, line, server, heard
    ):
        correction = {"T": "c", "S": "IBM", "x": "V", "oi": 1, "op": 200.01, "os": 100,
                      "oc": ["@"], "ci": 7, "cp": 20.01, "cs": 90, "cc": ["@"], "z": "A",
                      "t": stamp(NOW)}  # fmt: skip
        cancel = {"T": "x", "S": "IBM", "i": 7, "x": "V", "p": 20.01, "s": 90, "t": stamp(NOW)}
        server.send([TRADE, correction, cancel])
        found = [heard.get(timeout=SOON) for _ in range(3)]
        right = D("20.01"), D(90)
        assert found[1] == TakenBack("IBM", D("200.01"), D(100), AT, NOW, *right)
        assert found[2] == TakenBack("IBM", *right, AT, NOW)

    def test_a_trade_taken_back_that_was_not_heard_is_told_in_the_log(
        self, line, server, heard, log
    ):
        server.send([TRADE | {"T": "x", "a": "C"}, TRADE | {"T": "s", "sc": "H"}, TRADE])
        assert heard.get(timeout=SOON) == TICK
        assert heard.empty()
        assert "a trade taken back that was not heard here" in log.get(timeout=SOON)

    def test_only_so_many_trades_are_remembered(self, line, server, heard, log, monkeypatch):
        monkeypatch.setattr("tools.market_data.feeds.alpaca_stream.MOST_TRADES", 2)
        server.send([*(TRADE | {"i": n} for n in (1, 2, 3)), TRADE | {"T": "x"}])
        assert [heard.get(timeout=SOON) for _ in range(3)] == [TICK] * 3
        assert "not heard here" in log.get(timeout=SOON)
        assert heard.empty()

    def test_one_connection_is_ended_before_the_next(self, line, server, heard, time):
        for _ in range(3):
            server.send(TRADE)
            heard.get(timeout=SOON)
            time.now += 60
            server.subscribed.get(timeout=SOON)
        assert server.at_once == 1

    def test_a_connection_that_another_program_has_is_told_and_tried_again(
        self, feed, server, heard, time, log
    ):
        server.refusal = refusal(406, "connection limit exceeded")
        line = feed.stream(["IBM"], heard.put)
        assert "another program has it: end that one" in log.get(timeout=SOON)
        assert "one connection" in line.problem()
        server.greeting, server.refusal = [TRADE], None
        assert heard.get(timeout=SOON) == TICK
        assert line.problem() == ""
        line.close()

    def test_a_stream_that_the_subscription_lacks_is_told_and_not_tried_again(
        self, feed, server, heard, log
    ):
        server.refusal = refusal(409, "insufficient subscription")
        line = feed.stream(["IBM"], heard.put)
        assert "TOLLGATE_ALPACA_FEED=sip" in log.get(timeout=SOON)
        line.close()
        assert server.opened == 1

    def test_more_symbols_than_it_takes_are_halved_and_told(self, listen, feed, server, heard, log):
        server.most = 30
        _, asked = listen(feed, [f"S{number}" for number in range(100)], heard.put)
        assert len(asked["trades"]) == 25
        assert "the first 50 of 100 are asked for" in log.get(timeout=SOON)
        assert "the first 25 of 100 are asked for" in log.get(timeout=SOON)

    @pytest.mark.parametrize(
        ("status", "headers", "wait"),
        [(429, {"Retry-After": "30"}, 30), (429, {}, 2), (503, {}, 2), (200, {}, 2)],
    )
    def test_a_door_that_is_shut_is_knocked_at_again(
        self, feed, server, heard, time, log, status, headers, wait
    ):
        server.shut, time.held = (status, headers), True
        line = feed.stream(["IBM"], heard.put)
        assert time.waits.get(timeout=SOON) == wait
        assert f"can't be opened (status {status})" in log.get(timeout=SOON)
        server.shut = None
        time.release()
        server.subscribed.get(timeout=SOON)
        line.close()

    def test_a_port_that_is_closed_is_told(self, patience, heard, time):
        keys, time.held = Keys(KEY, SECRET), True
        url = "ws://127.0.0.1:1"
        feed = AlpacaFeed(keys, SetClock(NOW), streams_url=url, patience=patience)
        line = feed.stream(["IBM"], heard.put)
        time.waits.get(timeout=SOON)
        assert "broke off" in line.problem()
        line.close()

    def test_an_error_without_a_code_that_is_known_opens_it_again(self, line, server, heard, log):
        server.send(refusal(500, "internal error"))
        assert "refused (500)" in log.get(timeout=SOON)
        server.subscribed.get(timeout=SOON)
        server.send(TRADE)
        assert heard.get(timeout=SOON) == TICK

    def test_the_keys_are_in_no_log_of_a_library(self, line, server, heard, caplog):
        caplog.set_level("DEBUG")
        server.cut()
        server.subscribed.get(timeout=SOON)
        server.send(TRADE)
        heard.get(timeout=SOON)
        assert SECRET not in caplog.text
        assert KEY not in caplog.text


class TestCoins(Streams):
    symbols = pytest.fixture(lambda _: ("btc-usd", "ETH/USD"))
    garbage = pytest.fixture(lambda _: [b"", b"\xff", {"T": "b", "S": "ETH/USD"}])

    @pytest.fixture
    def said(self):
        trade = {"T": "t", "S": "BTC/USD", "p": 50000.01, "s": 1.5e-7, "t": stamp(AT), "tks": "B"}
        quote = {"T": "q", "S": "BTC/USD", "bp": 50000.0, "bs": 0.25, "ap": 50001.0, "as": 1.0,
                 "t": stamp(AT)}  # fmt: skip
        tick = Tick("BTC/USD", D("50000.01"), D("1.5e-7"), AT, NOW)
        told = Quote("BTC/USD", D("50000.0"), D("50001.0"), AT, NOW, "alpaca us", False,
                     D("0.25"), D("1.0"))  # fmt: skip
        bar = bar_of("ETH/USD", "alpaca us")
        return [(trade, tick), (quote, told), (BAR | {"S": "ETH/USD"}, bar)]

    def test_coins_have_a_stream_of_their_own(self, line, server):
        assert server.paths == ["/v1beta3/crypto/us"]

    def test_shares_and_coins_together_are_connected_when_both_are(
        self, listen, feed, server, heard, said
    ):
        line, _ = listen(feed, ("IBM", "BTC/USD"), heard.put)
        server.subscribed.get(timeout=SOON)
        assert sorted(server.paths) == ["/v1beta3/crypto/us", "/v2/iex"]
        assert not line.connected()
        server.send([TRADE])
        heard.get(timeout=SOON)
        assert not line.connected()
        server.send([said[0][0]])
        heard.get(timeout=SOON)
        assert line.connected()
        line.close()
        assert [server.gone.get(timeout=SOON) for _ in range(2)]


@pytest.mark.parametrize("symbols", [[], ["EUR/USD"], ["RELIANCE.NS"], ["IBM", "^GSPC"]])
def test_what_is_neither_share_nor_coin_is_refused(symbols):
    feed = AlpacaFeed(Keys(KEY, SECRET), SetClock(NOW))
    with pytest.raises(InputError, match="of US shares and of coins"):
        feed.stream(symbols, print)


def test_the_stream_is_beside_the_prices():
    assert stream_url("https://data.alpaca.markets") == "wss://stream.data.alpaca.markets"
    sandbox = "https://data.sandbox.alpaca.markets"
    assert stream_url(sandbox) == "wss://stream.data.sandbox.alpaca.markets"
    assert stream_url("http://127.0.0.1:8001") == "ws://127.0.0.1:8001"


def test_keys_go_to_no_other_host():
    with pytest.raises(ConfigError, match="sent nowhere else"):
        AlpacaFeed(Keys(KEY, SECRET), SetClock(NOW), streams_url="wss://example.com")
