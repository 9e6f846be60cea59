"""Moving prices over /ws/market: what a client gets, and what it can't break."""

import json
from contextlib import asynccontextmanager

import numpy as np
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.api import market_socket, replaying
from app.api.errors import install
from app.guard import Guard
from app.live import Playing, streaming
from tools.assembly import build_market
from tools.clock import SystemClock
from tools.domain.errors import ConfigError
from tools.settings import load_settings
from tools.streaming.playing import opened

URL = "ws://127.0.0.1:8000/ws/market"


def served(playing=None):
    """Only the sockets of a desk, over a bus and a chain of their own."""

    @asynccontextmanager
    async def lifespan(app):
        async with streaming(settings, SystemClock(), playing) as app.state.live:
            yield

    settings = load_settings()
    settings.state.mkdir()
    app = FastAPI(lifespan=lifespan)
    app.include_router(market_socket.router)
    app.include_router(replaying.router)
    install(app)
    app.add_middleware(Guard)
    return TestClient(app, base_url="http://127.0.0.1:8000")


@pytest.fixture
def replay():
    return opened(["IBM"], "fast", build_market(load_settings()), paused=True)[0]


@pytest.fixture
def replayed(replay):
    with served(Playing(replay, moves_clock=False)) as client:
        yield client, replay


def until(socket, kind, **wanted):
    """The next message of that type with these values; the test's time-out is the limit."""
    while True:
        message = json.loads(socket.receive_text())
        if message["type"] == kind and all(message[k] == v for k, v in wanted.items()):
            return message


def subscribe(socket, *symbols):
    socket.send_text(json.dumps({"action": "subscribe", "symbols": list(symbols)}))
    return until(socket, "subscribed")


def test_a_subscriber_gets_each_price_labelled_as_a_replay(replayed):
    client, replay = replayed
    with client.websocket_connect(URL) as socket:
        assert until(socket, "hello")["symbols"] == ["IBM"]
        assert subscribe(socket, "ibm")["symbols"] == ["IBM"]
        replay.step(3)
        seen = [until(socket, "price") for _ in range(3)]
    bars = [replay.recording.row(n) for n in range(3)]
    assert [row["price"] for row in seen] == [str(bar.close) for bar in bars]
    assert {row["label"] for row in seen} == {"replay"}


def test_a_subscriber_gets_the_features_of_each_bar_with_the_bits_of_the_desk(replayed):
    client, replay = replayed
    with client.websocket_connect(URL) as socket:
        subscribe(socket, "IBM")
        replay.step(3)
        seen = [until(socket, "features") for _ in range(3)]
    close = [float(replay.recording.row(n).close) for n in range(3)]
    moves = [None, *np.diff(np.log(close)).tolist()]
    assert [row["values"]["log_move_1"] for row in seen] == moves
    assert {(row["label"], row["timeframe"], row["finished"]) for row in seen} == {
        ("replay", "1d", True)
    }


def test_a_desk_whose_features_cannot_be_streamed_says_so_at_its_start(replay, monkeypatch):
    monkeypatch.setenv("TOLLGATE_LIVE_FEATURES", "log_move_5,beta_60")
    with (
        pytest.raises(ConfigError, match="TOLLGATE_LIVE_FEATURES: beta reads market"),
        served(Playing(replay, moves_clock=False)),
    ):
        pass


def test_a_desk_that_wants_no_features_streams_none(replay, monkeypatch):
    monkeypatch.setenv("TOLLGATE_LIVE_FEATURES", "none")
    with (
        served(Playing(replay, moves_clock=False)) as client,
        client.websocket_connect(URL) as socket,
    ):
        subscribe(socket, "IBM")
        replay.resume()
        while (message := json.loads(socket.receive_text()))["type"] != "status" or (
            message["line"] != "ended"
        ):
            assert message["type"] != "features"


def test_a_late_subscriber_gets_the_latest_at_once(replayed):
    client, replay = replayed
    with client.websocket_connect(URL) as one:
        subscribe(one, "IBM")
        replay.step()
        price = until(one, "price")
        with client.websocket_connect(URL) as other:
            subscribe(other, "IBM")
            assert until(other, "price") == price


def test_after_unsubscribing_nothing_more_comes(replayed):
    client, replay = replayed
    with client.websocket_connect(URL) as socket, client.websocket_connect(URL) as other:
        subscribe(socket, "IBM")
        socket.send_text('{"action": "unsubscribe", "symbols": ["IBM"]}')
        assert until(socket, "subscribed")["symbols"] == []
        subscribe(other, "IBM")
        replay.step()
        until(other, "price")
        socket.send_text('{"action": "ping"}')
        while (message := json.loads(socket.receive_text()))["type"] != "pong":
            assert message["type"] == "status"


def test_an_unknown_symbol_is_said_to_be_silent(replayed):
    client, _ = replayed
    with client.websocket_connect(URL) as socket:
        assert subscribe(socket, "IBM", "NOPE")["silent"] == ["NOPE"]


def test_the_heartbeat_says_paused_and_ended(replayed):
    client, replay = replayed
    with client.websocket_connect(URL) as socket:
        assert until(socket, "status", line="paused")["label"] == "replay"
        replay.resume()
        assert until(socket, "status", line="ended")["market"] == "2013-03-01T21:00:00+00:00"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"action": "buy"}',
        '{"action": "subscribe", "symbols": "IBM"}',
        '{"action": "subscribe", "symbols": ["<script>"]}',
        '{"action": "subscribe", "symbols": ["IBM"], "more": 1}',
        '{"action": "subscribe", "symbols": [' + ",".join(['"IBM"'] * 101) + "]}",
        "x" * 20_000,
        "[" * 10_000,
    ],
)
def test_what_cannot_be_read_is_answered_and_the_socket_stays(replayed, text):
    client, _ = replayed
    with client.websocket_connect(URL) as socket:
        socket.send_text(text)
        assert until(socket, "error")["message"]
        assert subscribe(socket, "IBM")["symbols"] == ["IBM"]


def test_bytes_are_answered_and_the_socket_stays(replayed):
    client, _ = replayed
    with client.websocket_connect(URL) as socket:
        socket.send_bytes(b"\xff\x00")
        until(socket, "error")
        subscribe(socket, "IBM")


def test_a_client_that_only_makes_mistakes_is_hung_up_on(replayed):
    client, _ = replayed
    with (
        pytest.raises(WebSocketDisconnect) as end,
        client.websocket_connect(URL) as socket,
    ):
        for _ in range(market_socket.MOST_MISTAKES):
            socket.send_text("{")
        while True:
            socket.receive_text()
    assert end.value.code == 1008


def test_more_symbols_than_there_is_room_for_are_refused(replayed):
    client, _ = replayed
    with client.websocket_connect(URL) as socket:
        subscribe(socket, *(f"A{n}" for n in range(100)))
        socket.send_text('{"action": "subscribe", "symbols": ["B"]}')
        assert "at most 100" in until(socket, "error")["message"]


@pytest.mark.parametrize(
    "headers", [{"origin": "http://evil.example"}, {"host": "evil.example"}, {"origin": "null"}]
)
def test_another_site_may_not_listen(replayed, headers):
    client, _ = replayed
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        client.websocket_connect(URL, headers=headers),
    ):
        pass
    assert refused.value.code == 1008


def test_nobody_more_than_there_is_room_for(replayed, monkeypatch):
    client, _ = replayed
    monkeypatch.setattr(market_socket, "MOST_WATCHERS", 1)
    with client.websocket_connect(URL) as one:
        subscribe(one, "IBM")
        with (
            pytest.raises(WebSocketDisconnect) as refused,
            client.websocket_connect(URL) as other,
        ):
            other.receive_text()
        assert refused.value.code == 1013


def test_a_desk_without_a_stream_says_that_nobody_streams():
    with served() as client, client.websocket_connect(URL) as socket:
        assert until(socket, "status")["line"] == "none"
        assert client.get("/api/v1/replay").status_code == 404


def test_a_replay_is_steered_over_http(replayed):
    client, _ = replayed
    assert client.get("/api/v1/replay").json()["state"] == "paused"
    client.post("/api/v1/replay", json={"action": "pace", "speed": "5"})
    assert client.get("/api/v1/replay").json()["pace"] == "5 sessions a second"
    assert client.post("/api/v1/replay", json={"action": "pace", "speed": "0"}).status_code == 422
    client.post("/api/v1/replay", json={"action": "pace", "speed": "fast"})
    client.post("/api/v1/replay", json={"action": "resume"})
    with client.websocket_connect(URL) as socket:
        until(socket, "status", line="ended")
    told = client.get("/api/v1/replay").json()
    assert (told["state"], told["played"]) == ("ended", told["rows"])
