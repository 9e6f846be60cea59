"""Polygon's unmodified WebSocket client against a local server that speaks its protocol."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.contracts.stream import StreamContract
from tests.market_data.clocks import SetClock
from tests.market_data.stream_double import StreamDouble, stream_double
from tools.domain.errors import InputError
from tools.domain.market import Quote, Tick
from tools.market_data.feeds.polygon import PolygonFeed
from tools.market_data.feeds.polygon_stream import PolygonLine

KEY = "stream-secret"
NOW = datetime(2024, 6, 6, 14, 0, tzinfo=UTC)
AT = NOW - timedelta(milliseconds=40)
MS = round(AT.timestamp() * 1000)
TRADE = {"ev": "T", "sym": "BRK.B", "p": 170.01, "s": 100, "t": MS, "x": 4, "q": 1}
QUOTE = {"ev": "Q", "sym": "IBM", "bp": 170.0, "bs": 2, "ap": 170.02, "as": 3, "t": MS}
TICK = Tick("BRK-B", Decimal("170.01"), Decimal(100), AT, NOW)


class PolygonDouble(StreamDouble):
    async def greet(self, socket):
        await socket.send(self.packed({"ev": "status", "status": "connected", "message": "hi"}))
        asked = json.loads(await socket.recv())
        good = asked == {"action": "auth", "params": KEY}
        status = "auth_success" if good else "auth_failed"
        await socket.send(self.packed({"ev": "status", "status": status, "message": status}))
        return sorted(json.loads(await socket.recv())["params"].split(",")) if good else None

    def packed(self, frame):
        return json.dumps(frame if isinstance(frame, list) else [frame])


class TestPolygonStream(StreamContract):
    symbols = pytest.fixture(lambda _: ("BRK-B", "ibm"))
    unasked = pytest.fixture(lambda _: TRADE | {"sym": "MSFT"})
    secret = pytest.fixture(lambda _: "wrong-secret")
    setting = pytest.fixture(lambda _: "POLYGON_API_KEY")
    garbage = pytest.fixture(
        lambda _: ["{not json", "<html>", b"\xff\xfe", [5], TRADE | {"t": "x"}, TRADE | {"p": "x"}]
    )

    @pytest.fixture
    def said(self):
        quote = Quote("IBM", Decimal("170.0"), Decimal("170.02"), AT, NOW, "polygon", False)
        return [(TRADE, TICK), (QUOTE, quote)]

    @pytest.fixture
    def server(self):
        with stream_double(PolygonDouble()) as running:
            yield running

    @pytest.fixture
    def feed(self, server, patience):
        return PolygonFeed(KEY, SetClock(NOW), stream_url=server.url, patience=patience)

    @pytest.fixture
    def stranger(self, server, patience, secret):
        return PolygonFeed(secret, SetClock(NOW), stream_url=server.url, patience=patience)

    def test_trades_and_quotes_are_asked_for_in_polygons_spelling(self, opened):
        assert opened[1] == ["Q.BRK.B", "Q.IBM", "T.BRK.B", "T.IBM"]

    @pytest.mark.parametrize(
        "odd",
        [
            TRADE | {"p": None},
            TRADE | {"p": 0},
            TRADE | {"p": -1.0},
            TRADE | {"t": None},
            QUOTE | {"bp": 0},
            {"ev": "T"},
        ],
    )
    def test_a_datum_without_a_price_or_a_time_is_left_out(self, line, server, heard, odd):
        server.send([odd, TRADE])
        assert heard.get(timeout=20) == TICK
        assert heard.empty()


@pytest.mark.parametrize("symbols", [[], ["BTC/USD"], ["RELIANCE.NS"], ["IBM", "^GSPC"]])
def test_what_is_no_us_share_is_refused(symbols):
    with pytest.raises(InputError, match="of US shares"):
        PolygonLine(KEY, symbols, print, SetClock(NOW))
