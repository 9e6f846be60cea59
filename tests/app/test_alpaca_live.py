"""Alpaca's stream, through the desk's socket, as a page sees it."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.api import market_socket
from app.guard import Guard
from app.live import streaming
from tests.contracts.stream import SOON
from tests.execution.alpaca.server import KEY, SECRET
from tests.market_data.alpaca_stream_double import AlpacaStreamDouble
from tests.market_data.stream_double import stream_double
from tests.market_data.test_alpaca_stream import QUOTE, TRADE, stamp
from tools.clock import SystemClock
from tools.settings import FeedChoice, Settings


@pytest.fixture
def server():
    with stream_double(AlpacaStreamDouble()) as running:
        yield running


def served(server, home, secret=SECRET):
    """Only the socket of a desk whose feed is Alpaca."""
    settings = Settings(
        home=home,
        feed=FeedChoice.ALPACA,
        apca_api_key_id=KEY,
        apca_api_secret_key=secret,
        apca_api_data_url=server.url.replace("ws://", "http://"),
    )
    home.mkdir(exist_ok=True)

    @asynccontextmanager
    async def lifespan(app):
        async with streaming(settings, SystemClock()) as app.state.live:
            yield

    app = FastAPI(lifespan=lifespan)
    app.include_router(market_socket.router)
    app.add_middleware(Guard)
    return TestClient(app, base_url="http://127.0.0.1:8000")


def until(socket, kind, fits=lambda _: True):
    while True:
        message = json.loads(socket.receive_text())
        if message["type"] == kind and fits(message):
            return message


@contextmanager
def watching(client):
    """A page that watches IBM."""
    with client.websocket_connect("ws://127.0.0.1:8000/ws/market") as socket:
        socket.send_text(json.dumps({"action": "subscribe", "symbols": ["IBM"]}))
        yield socket


def test_prices_come_from_alpacas_stream_and_say_so(server, tmp_path):
    with served(server, tmp_path) as client, watching(client) as socket:
        assert server.subscribed.get(timeout=SOON)["trades"] == ["IBM"]
        now = stamp(datetime.now(UTC))
        server.send(QUOTE | {"S": "IBM", "t": now}, TRADE | {"t": now})
        assert until(socket, "quote")["bid"] == "400.1"
        price = until(socket, "price")
        assert (price["price"], price["label"]) == ("200.01", "alpaca")
        assert until(socket, "status", lambda told: told["line"] == "up")["problem"] == ""


def test_a_wrong_key_is_told_to_who_watches(server, tmp_path):
    with served(server, tmp_path, "wrong-secret") as client, watching(client) as socket:
        told = until(socket, "status", lambda told: told["problem"])
        assert told["line"] == "down"
        assert "set APCA_API_KEY_ID and APCA_API_SECRET_KEY" in told["problem"]
        assert "wrong-secret" not in json.dumps(told)


def test_a_symbol_that_no_feed_streams_is_told_to_who_asked_and_the_others_come(server, tmp_path):
    with served(server, tmp_path) as client, watching(client) as socket:
        asked = {"action": "subscribe", "symbols": ["RELIANCE.NS"]}
        socket.send_text(json.dumps(asked))
        told = until(socket, "unavailable")["symbols"]
        assert list(told) == ["RELIANCE.NS"]
        assert "of no kind that alpaca streams" in told["RELIANCE.NS"]
        until(socket, "status", lambda one: "RELIANCE.NS" in one.get("problems", {}))
        while not server.subscribed.empty():
            assert server.subscribed.get()["trades"] == ["IBM"]
        server.send(TRADE | {"t": stamp(datetime.now(UTC))})
        assert until(socket, "price")["label"] == "alpaca"
