"""Polygon's unmodified WebSocket client against a local server that speaks its protocol."""

from __future__ import annotations

import asyncio
import json
import queue
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from websockets.asyncio.server import serve

from tests.market_data.clocks import SetClock
from tools.domain.errors import InputError
from tools.domain.market import Quote, Tick
from tools.market_data.feeds.feed import StreamingFeed
from tools.market_data.feeds.polygon import PolygonFeed
from tools.market_data.feeds.polygon_stream import PolygonLine

KEY = "stream-secret"
NOW = datetime(2024, 6, 6, 14, 0, tzinfo=UTC)
MS = round(NOW.timestamp() * 1000) - 40
TRADE = {"ev": "T", "sym": "IBM", "p": 170.01, "s": 100, "t": MS, "x": 4, "q": 1}
QUOTE = {"ev": "Q", "sym": "IBM", "bp": 170.0, "bs": 2, "ap": 170.02, "as": 3, "t": MS}


class Server:
    """Each connection does the next of ``acts``: what is sent after the subscription."""

    def __init__(self):
        self.acts = queue.SimpleQueue()
        self.subscribed = []
        self.opened = 0
        self.host = ""

    async def handle(self, socket):
        self.opened += 1
        await socket.send(json.dumps([{"ev": "status", "status": "connected", "message": "hi"}]))
        asked = json.loads(await socket.recv())
        good = asked == {"action": "auth", "params": KEY}
        status = "auth_success" if good else "auth_failed"
        await socket.send(json.dumps([{"ev": "status", "status": status, "message": status}]))
        if not good:
            return
        self.subscribed.append(json.loads(await socket.recv())["params"])
        for step in self.acts.get_nowait() if not self.acts.empty() else ["silent"]:
            if step == "silent":
                await socket.wait_closed()
            elif step == "drop":
                socket.transport.abort()
                return
            else:
                await socket.send(step if isinstance(step, str) else json.dumps(step))


@contextmanager
def serving(server):
    started, ended = threading.Event(), None

    async def run():
        nonlocal ended
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        async with serve(server.handle, "127.0.0.1", 0) as running:
            server.host = f"127.0.0.1:{running.sockets[0].getsockname()[1]}"
            server.stop = lambda: loop.call_soon_threadsafe(ended.set)
            started.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    started.wait(10)
    try:
        yield server
    finally:
        server.stop()
        thread.join(10)


@pytest.fixture
def server():
    with serving(Server()) as running:
        yield running


@pytest.fixture
def listen(server):
    lines = []

    def listen(symbols=("IBM",), key=KEY, silence_s=5.0):
        heard = queue.SimpleQueue()
        line = PolygonLine(
            key,
            symbols,
            heard.put,
            SetClock(NOW),
            host=server.host,
            secure=False,
            silence_s=silence_s,
            first_wait_s=0.02,
            longest_wait_s=0.05,
        )
        lines.append(line)
        return line, heard

    yield listen
    for line in lines:
        line.close()


def test_trades_and_quotes_are_heard_exact_with_the_exchanges_moment(server, listen):
    server.acts.put([[TRADE, QUOTE], "silent"])
    line, heard = listen()
    at = NOW - timedelta(milliseconds=40)
    assert heard.get(timeout=10) == Tick("IBM", Decimal("170.01"), Decimal(100), at, NOW)
    quote = heard.get(timeout=10)
    assert isinstance(quote, Quote)
    assert (quote.bid, quote.ask, quote.event_time) == (Decimal("170.0"), Decimal("170.02"), at)
    assert line.connected()
    assert sorted(server.subscribed[0].split(",")) == ["Q.IBM", "T.IBM"]


def test_a_line_that_drops_is_opened_again_and_subscribed_again(server, listen):
    server.acts.put([[TRADE], "drop"])
    server.acts.put([[TRADE | {"p": 171.5}], "silent"])
    line, heard = listen()
    assert [heard.get(timeout=10).price for _ in range(2)] == [Decimal("170.01"), Decimal("171.5")]
    assert len(server.subscribed) == 2
    assert line.connected()


def test_a_socket_that_goes_silent_counts_as_down_and_is_opened_anew(server, listen):
    server.acts.put([[TRADE], "silent"])
    server.acts.put([[TRADE | {"p": 171.5}], "silent"])
    _, heard = listen(silence_s=0.3)
    assert heard.get(timeout=10).price == Decimal("170.01")
    assert heard.get(timeout=10).price == Decimal("171.5")
    assert server.opened >= 2


@pytest.mark.parametrize(
    "odd",
    ["{not json", [{"ev": "T"}], [5], "<html>", {"ev": "status"}],
)
def test_a_message_of_another_shape_ends_nothing_for_good(server, listen, odd):
    server.acts.put([odd, [TRADE], "silent"])
    server.acts.put([[TRADE], "silent"])
    _, heard = listen()
    assert heard.get(timeout=10).price == Decimal("170.01")


@pytest.mark.parametrize(
    "odd",
    [
        TRADE | {"p": None},
        TRADE | {"p": 0},
        TRADE | {"p": -1.0},
        TRADE | {"t": None},
        TRADE | {"sym": "MSFT"},
        QUOTE | {"bp": 0},
    ],
)
def test_a_datum_without_a_price_or_of_another_share_is_left_out(server, listen, odd):
    server.acts.put([[odd, TRADE | {"p": 9.5}], "silent"])
    _, heard = listen()
    assert heard.get(timeout=10).price == Decimal("9.5")


def test_a_wrong_key_is_told_and_not_tried_again(server, listen):
    line, _ = listen(key="wrong")
    line._thread.join(10)
    assert not line._thread.is_alive()
    assert line.problem() == "Polygon doesn't accept the key for its stream; set POLYGON_API_KEY"
    assert not line.connected()
    assert server.opened == 1


def test_nothing_is_heard_after_closing(server, listen):
    server.acts.put([[TRADE], "silent"])
    line, heard = listen()
    heard.get(timeout=10)
    line.close()
    assert not line._thread.is_alive()
    assert not line.connected()


@pytest.mark.parametrize("symbols", [[], ["BTC/USD"], ["RELIANCE.NS"], ["IBM", "^GSPC"]])
def test_what_is_no_us_share_is_refused(symbols):
    with pytest.raises(InputError, match="of US shares"):
        PolygonLine(KEY, symbols, print, SetClock(NOW))


def test_the_feed_offers_the_stream():
    assert isinstance(PolygonFeed(KEY, SetClock(NOW)), StreamingFeed)
