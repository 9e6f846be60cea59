"""The same path over HTTP, and what the service refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client
from starlette.testclient import TestClient

from app.server import build_app
from tests.app.running import Server
from tools.settings import load_settings

QUESTION = {"question": "Should I buy 50 shares of IBM?"}


@pytest.fixture
def http(knowledge_home: Path) -> Iterator[TestClient]:
    with TestClient(
        build_app(load_settings(), page=False), base_url="http://127.0.0.1:8000"
    ) as client:
        yield client


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
