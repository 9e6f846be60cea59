"""The same path over HTTP, and what the service refuses."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI
from mcp import Client
from starlette.testclient import TestClient

from agents.conversation import Conversation
from app.server import build_app, run_server
from app.upkeep import upkeep
from tests.app.running import Server
from tools.clock import FeedClock
from tools.settings import load_settings

QUESTION = {"question": "Should I buy 50 shares of IBM?"}


@pytest.fixture
def http(knowledge_home: Path) -> Iterator[TestClient]:
    with TestClient(
        build_app(load_settings(), page=False), base_url="http://127.0.0.1:8000"
    ) as client:
        yield client


def test_bars_of_a_timeframe_say_what_they_were_made_from(http: TestClient) -> None:
    asked = {"timeframe": "1mo", "limit": 2}
    found = http.get("/api/v1/bars/IBM", params=asked).json()
    assert (found["count"], found["notice"]) == (2, "Made from 1d bars.")
    assert http.get("/api/v1/bars/IBM", params={"timeframe": "soon"}).status_code == 422


def test_a_question_becomes_an_approved_trade(http: TestClient) -> None:
    answer = http.post("/api/v1/ask", json=QUESTION).json()
    order = answer["orders"][0]
    assert http.get("/api/v1/approvals").json()["approvals"][0]["id"] == order["id"]
    filled = http.post(f"/api/v1/approvals/{order['id']}/approve").json()
    assert filled["state"] == "filled"
    account = http.get("/api/v1/portfolio").json()
    assert (account["positions"][0]["quantity"], account["simulated"]) == ("50", True)
    assert http.get(f"/api/v1/orders/{order['id'][:5]}").json()["state"] == "filled"
    assert http.get("/api/v1/audit/verify").json()["ok"] is True
    settled = http.get(f"/api/v1/sessions/{answer['session']}").json()
    assert "Filled 50 at" in settled["answer"]


def test_events_are_streamed_in_order_and_end_with_the_answer(http: TestClient) -> None:
    with http.stream(
        "POST", "/api/v1/ask", json=QUESTION, headers={"accept": "text/event-stream"}
    ) as sent:
        rows = [json.loads(line[6:]) for line in sent.iter_lines() if line.startswith("data: ")]
    kinds = [row["type"] for row in rows]
    assert kinds[0] == "session"
    assert kinds[-1] == "answer"
    assert kinds.index("opening") < kinds.index("tool_call") < kinds.index("text")


def test_an_error_in_a_stream_is_an_event(http: TestClient) -> None:
    wrong = {"question": "buy 50 shares of XYZQ"}
    with http.stream(
        "POST", "/api/v1/ask", json=wrong, headers={"accept": "text/event-stream"}
    ) as sent:
        rows = [json.loads(line[6:]) for line in sent.iter_lines() if line.startswith("data: ")]
    assert (rows[-1]["type"], rows[-1]["error"]) == ("error", "DataUnavailable")


def test_the_second_of_two_decisions_is_told_what_the_first_was(http: TestClient) -> None:
    order = http.post("/api/v1/ask", json=QUESTION).json()["orders"][0]
    assert http.post(f"/api/v1/approvals/{order['id']}/reject").json()["state"] == "declined"
    second = http.post(f"/api/v1/approvals/{order['id']}/approve")
    assert (second.status_code, second.json()["error"]) == (409, "Conflict")


def test_a_halt_refuses_the_next_order(http: TestClient) -> None:
    assert http.post("/api/v1/halt", json={"reason": "drill"}).json() == {"mode": "HALTED"}
    order = http.post("/api/v1/ask", json=QUESTION).json()["orders"][0]
    assert order["state"] == "denied"
    assert http.get("/health").json()["mode"] == "HALTED"
    assert http.post("/api/v1/resume").json() == {"mode": "ACTIVE"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"question": ""}, 422),
        ({"question": "x" * 5000}, 422),
        ({}, 422),
        ({"question": "hi", "surprise": 1}, 422),
        ({"question": ["a"]}, 422),
        ({"question": "How is IBM?", "as_of": "1970-01-01"}, 404),
        ({"question": "How is IBM?", "session": "../../etc"}, 422),
    ],
)
def test_a_bad_question_gets_a_sentence(
    http: TestClient, body: dict[str, Any], status: int
) -> None:
    answer = http.post("/api/v1/ask", json=body)
    assert answer.status_code == status
    assert len(answer.json()["message"]) > 10


@pytest.mark.parametrize(
    "path",
    ["/api/v1/orders/nosuchid", "/api/v1/sessions/never", "/api/v1/quotes/XYZQ", "/nowhere"],
)
def test_what_is_not_there_is_a_404(http: TestClient, path: str) -> None:
    assert http.get(path).status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[bad"])
def test_a_foreign_host_name_is_not_served(http: TestClient, host: str) -> None:
    assert http.get("/health", headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "http://localhost.evil"]
)
def test_another_site_can_neither_read_nor_approve(http: TestClient, origin: str) -> None:
    order = http.post("/api/v1/ask", json=QUESTION).json()["orders"][0]
    path = f"/api/v1/approvals/{order['id']}/approve"
    assert http.post(path, headers={"origin": origin}).status_code == 403
    assert http.get(f"/api/v1/orders/{order['id']}").json()["state"] == "awaiting_approval"


def test_the_page_may_load_nothing_from_elsewhere_and_not_be_framed(running: Server) -> None:
    headers = httpx.get(running.url).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "img-src 'self' data:" in headers["content-security-policy"]


def test_the_docs_need_no_network(http: TestClient) -> None:
    page = http.get("/docs").text
    assert "https://" not in page
    for path in ("/swagger/swagger-ui.css", "/swagger/swagger-ui-bundle.js"):
        assert path in page
        assert http.get(path).status_code == 200


def test_no_route_of_the_api_lets_a_tool_decide(http: TestClient) -> None:
    routes = http.get("/openapi.json").json()["paths"]
    deciding = [path for path in routes if "approve" in path or "resume" in path]
    assert all(path.startswith("/api/v1/") for path in deciding)


def test_a_chat_client_of_openais_kind_gets_the_answer(http: TestClient) -> None:
    asked = {"model": "any", "messages": [{"role": "user", "content": "How is AAPL doing?"}]}
    answer = http.post("/v1/chat/completions", json=asked).json()
    assert "AAPL" in answer["choices"][0]["message"]["content"]
    streamed = http.post("/v1/chat/completions", json=asked | {"stream": True}).text
    assert streamed.rstrip().endswith("data: [DONE]")


async def test_mcp_over_http_serves_the_tools_and_a_proposal_waits(running: Server) -> None:
    async with Client(f"{running.url}/mcp") as client:
        listed = await client.list_tools()
        assert "propose_order" in {tool.name for tool in listed.tools}
        asked = {"symbol": "IBM", "side": "buy", "quantity": "5"}
        order = (await client.call_tool("propose_order", asked)).structured_content["data"]
    assert order["state"] == "awaiting_approval"


def test_a_busy_port_is_told_with_another_to_try(
    running: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.cli import run

    assert run(["serve", "--port", str(running.port)]) == 10
    assert f"--port {running.port + 1}" in capsys.readouterr().err


def test_a_signal_ends_the_desk_without_an_error(running: Server) -> None:
    running.process.send_signal(signal.SIGINT)
    said, _ = running.process.communicate(timeout=20)
    assert (running.process.returncode, said) == (0, "")


def test_the_signal_of_a_service_manager_ends_the_desk_without_an_error(running: Server) -> None:
    with httpx.stream(
        "POST",
        f"{running.url}/api/v1/ask",
        json=QUESTION,
        headers={"accept": "text/event-stream"},
        timeout=20,
    ) as sent:
        lines = sent.iter_lines()
        assert "session" in next(lines)
        rest = list(zip(range(4), lines, strict=False))
        assert rest
        running.process.send_signal(signal.SIGTERM)
    said, _ = running.process.communicate(timeout=20)
    assert running.process.returncode == 0
    assert "Traceback" not in said


@pytest.mark.parametrize("stream", [False, True])
def test_a_question_that_is_too_long_is_told_to_a_chat_client(
    http: TestClient, *, stream: bool
) -> None:
    messages = [{"role": "user", "content": "x" * 2001}]
    answer = http.post("/v1/chat/completions", json={"messages": messages, "stream": stream})
    assert answer.status_code == 422
    assert "at most 2000" in answer.json()["message"]


def test_a_defect_ends_a_chat_clients_stream_and_is_logged(
    http: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_: Conversation, question: str) -> AsyncIterator[dict[str, Any]]:
        yield {"type": "text", "text": question}
        raise RuntimeError("secret detail")

    monkeypatch.setattr(Conversation, "ask", broken)
    asked = {"messages": [{"role": "user", "content": "hi"}], "stream": True}
    rows = http.post("/v1/chat/completions", json=asked).text.split("\n\n")
    assert rows[-2:] == ["data: [DONE]", ""]
    assert "something went wrong" in json.loads(rows[-3][6:])["error"]["message"]
    assert "secret detail" not in "".join(rows)
    assert "secret detail" in caplog.text


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "//", "["])
def test_an_origin_that_is_no_address_is_refused(http: TestClient, origin: str) -> None:
    assert http.get("/health", headers={"origin": origin}).status_code == 403


def test_a_wrong_path_of_the_api_is_told_as_json_and_never_as_the_page(running: Server) -> None:
    for path in ("/api/v1/approvals/nosuchid", "/api/v2", "/v1/nosuch", "/api/v1/"):
        answer = httpx.get(f"{running.url}{path}")
        assert (answer.status_code, answer.json()["error"]) == (404, "NotFound")
    assert httpx.post(f"{running.url}/api/v1/aks", json={}).status_code == 404
    assert httpx.post(f"{running.url}/mcp", json={}).status_code != 404


def test_the_owner_names_the_hosts_that_are_answered(
    knowledge_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOLLGATE_ALLOWED_HOSTS", "Desk.example, [fd00::1]")
    with TestClient(build_app(load_settings(), page=False)) as client:
        for host in ("desk.example:8000", "[fd00::1]:8000", "localhost"):
            assert client.get("/health", headers={"host": host}).status_code == 200
        assert client.get("/health", headers={"host": "other.example"}).status_code == 421


def test_a_desk_that_others_can_reach_says_which_host_names_are_answered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], knowledge_home: Path
) -> None:
    monkeypatch.setattr("app.server.build_app", lambda _, **__: None)
    monkeypatch.setattr("app.server._Announcing.run", lambda *_, **__: None)
    monkeypatch.setenv("TOLLGATE_ALLOWED_HOSTS", "desk.example")
    run_server(load_settings(), "0.0.0.0", 0)
    said = capsys.readouterr().err
    assert "desk.example" in said
    assert "TOLLGATE_ALLOWED_HOSTS" in said


def test_a_clock_that_asks_the_network_does_not_stop_the_desk(http: TestClient) -> None:
    where = []

    class Slow:
        def __init__(self, clock: FeedClock) -> None:
            self._clock = clock

        def now(self) -> datetime:
            where.append(threading.current_thread().name)
            return self._clock.now()

        def wall(self) -> datetime:
            return self._clock.wall()

    app = cast(FastAPI, http.app)
    floor = app.state.floor
    app.state.floor = replace(floor, house=replace(floor.house, clock=Slow(floor.house.clock)))
    assert http.get("/health").status_code == 200
    assert http.get("/api/v1/portfolio", params={"as_of": "2012-06-01"}).status_code == 200
    assert len(where) == 2
    assert all(name.startswith("asyncio_") for name in where)


async def test_the_desk_is_looked_after_again_whatever_went_wrong(
    caplog: pytest.LogCaptureFixture,
) -> None:
    loop, done, calls = asyncio.get_running_loop(), asyncio.Event(), []

    class Desk:
        def recover(self) -> None:
            calls.append("recover")
            if len(calls) == 1:
                raise RuntimeError("the venue broke")

        def reconcile(self) -> None:
            calls.append("reconcile")
            loop.call_soon_threadsafe(done.set)

    async with upkeep(cast(Any, Desk()), every_s=0):
        async with asyncio.timeout(20):
            await done.wait()
    assert calls[:3] == ["recover", "recover", "reconcile"]
    assert "the venue broke" in caplog.text
    assert len(asyncio.all_tasks()) == 1


def test_opening_the_desk_settles_what_was_left(
    knowledge_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    app = build_app(load_settings(), page=False)
    monkeypatch.setattr("app.composition.look_after", calls.append)
    with TestClient(app):
        assert len(calls) == 1
