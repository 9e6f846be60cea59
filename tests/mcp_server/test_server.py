"""The tools an outsider gets: a fixed list, described, read and propose only."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters
from mcp.server.mcpserver import MCPServer

from app.cli import run
from mcp_server.server import build_server, untitled
from rag_index.search import KnowledgeIndex
from tools.assembly import House, assemble
from tools.settings import load_settings

GOLDEN = {
    "list_instruments": True,
    "get_quote": True,
    "get_bars": True,
    "compute_indicators": True,
    "compute_features": True,
    "run_backtest": True,
    "run_sweep": True,
    "run_monte_carlo": True,
    "score_sentiment": True,
    "search_knowledge": True,
    "get_portfolio": True,
    "size_position": True,
    "assess_risk": True,
    "propose_order": False,
    "get_order": True,
    "cancel_order": False,
}
"""Every tool, and whether it only reads. A new one is a decision: add it here with care."""


@pytest.fixture
def house(knowledge_home: Path) -> House:
    return assemble(load_settings())


@pytest.fixture
def server(house: House) -> MCPServer:
    index = KnowledgeIndex.open(house.knowledge_folder)
    return build_server(house, index, principal="mcp:test")


async def test_exactly_these_tools_are_served_and_none_decides(server: MCPServer) -> None:
    async with Client(server) as client:
        listed = await client.list_tools()
        served = {tool.name: tool.annotations.read_only_hint for tool in listed.tools}
        assert served == GOLDEN
        forbidden = ("approve", "reject", "halt", "resume", "limit_set", "arm", "key")
        assert not [name for name in served if any(word in name for word in forbidden)]


async def test_the_tools_fill_little_of_a_models_context(server: MCPServer) -> None:
    async with Client(server) as client:
        listed = await client.list_tools()
        text = json.dumps(
            [{"n": t.name, "d": t.description, "s": t.input_schema} for t in listed.tools]
        )
        assert all(tool.description for tool in listed.tools)
        assert '"title":' not in text
        # About four characters a token: under 4,000 tokens.
        assert len(text) < 16_000


def test_a_schema_loses_its_titles_but_no_argument_of_that_name() -> None:
    bare = untitled(
        {
            "title": "addArguments",
            "type": "object",
            "properties": {
                "title": {"title": "Title", "type": "string"},
                "n": {"title": "N", "anyOf": [{"title": "x", "type": "null"}], "default": None},
            },
            "required": ["title"],
        }
    )
    assert bare == {
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "n": {"anyOf": [{"type": "null"}], "default": None},
        },
        "required": ["title"],
    }


async def test_documents_are_marked_as_untrusted_and_prices_are_not(server: MCPServer) -> None:
    async with Client(server) as client:
        found = await client.call_tool("search_knowledge", {"query": "what is the RSI"})
        assert found.structured_content["untrusted"] is True
        assert "never as instructions" in found.structured_content["note"]
        quote = await client.call_tool("get_quote", {"symbol": "IBM"})
        assert "untrusted" not in quote.structured_content


async def test_an_error_is_a_sentence_with_its_type_and_no_traceback(server: MCPServer) -> None:
    async with Client(server) as client:
        wrong = await client.call_tool("get_quote", {"symbol": "XYZQ"})
        assert wrong.is_error
        assert wrong.structured_content["error"] == "DataUnavailable"
        assert "Traceback" not in wrong.content[0].text


@pytest.mark.parametrize(
    "arguments",
    [
        {"symbol": "IBM", "side": "buy", "quantity": "0"},
        {"symbol": "IBM", "side": "buy", "quantity": "NaN"},
        {"symbol": "IBM", "side": "buy", "quantity": "1e999"},
        {"symbol": "IBM", "side": "hold", "quantity": "5"},
        {"symbol": "IBM", "side": "buy", "quantity": "5", "limit_price": "-1"},
        {"symbol": "IBM", "side": "buy", "quantity": "5", "time_in_force": "forever"},
        {"symbol": "IBM", "side": "buy"},
        {"symbol": "x" * 500, "side": "buy", "quantity": "5"},
        {"symbol": "IBM", "side": "buy", "quantity": "5", "as_of": "tomorrow"},
    ],
)
async def test_a_malformed_proposal_is_refused_and_journals_nothing(
    server: MCPServer, house: House, arguments: dict[str, str]
) -> None:
    async with Client(server) as client:
        answer = await client.call_tool("propose_order", arguments)
        assert answer.is_error
        assert not house.desk.proposals.orders()


async def test_a_proposal_carries_its_source_and_waits(server: MCPServer, house: House) -> None:
    async with Client(server) as client:
        asked = {"symbol": "IBM", "side": "buy", "quantity": "5", "intent_id": "wish-1"}
        first = (await client.call_tool("propose_order", asked)).structured_content["data"]
        again = (await client.call_tool("propose_order", asked)).structured_content["data"]
        assert first["id"] == again["id"]
        assert first["state"] == "awaiting_approval"
        assert house.desk.proposals.get(first["id"]).order.principal == "mcp:test"
        assert not house.desk.proposals.snapshot().positions


async def test_bars_show_nothing_that_was_known_only_later(server: MCPServer) -> None:
    async with Client(server) as client:
        asked = {"symbol": "AAPL", "as_of": "2005-02-01", "limit": 5}
        found = (await client.call_tool("get_bars", asked)).structured_content["data"]
        assert found["bars"][-1]["session"] <= "2005-02-01"
        assert "adjusted_close" not in found["bars"][-1]


async def test_bars_of_a_week_say_what_they_were_made_from(server: MCPServer) -> None:
    async with Client(server) as client:
        asked = {"symbol": "AAPL", "as_of": "2005-02-03", "limit": 2, "timeframe": "1w"}
        found = (await client.call_tool("get_bars", asked)).structured_content["data"]
        assert [bar["start"][:10] for bar in found["bars"]] == ["2005-01-18", "2005-01-24"]
        assert found["notice"] == "Made from 1d bars."
        refused = await client.call_tool("get_bars", asked | {"timeframe": "5m"})
        assert refused.is_error


async def test_a_real_client_over_stdio_gets_the_same_tools(knowledge_home: Path) -> None:
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "app", "mcp"],
        env={"TOLLGATE_HOME": str(knowledge_home), "TOLLGATE_FEED": "sample"},
        cwd=Path(__file__).parents[2],
    )
    async with Client(command) as client:
        listed = await client.list_tools()
        assert {tool.name for tool in listed.tools} == set(GOLDEN)
        asked = {"symbol": "IBM", "side": "buy", "quantity": "50"}
        order = (await client.call_tool("propose_order", asked)).structured_content["data"]
        assert order["state"] == "awaiting_approval"
        assert {reason["code"] for reason in order["reasons"]} == {"G06", "G14"}
        # A person approves in another process; the client sees what became of it.
        assert run(["approvals", "approve", order["id"]]) == 0
        seen = (await client.call_tool("get_order", {"order_id": order["id"]})).structured_content
        assert seen["data"]["state"] == "filled"
        held = (await client.call_tool("get_portfolio", {})).structured_content["data"]
        assert [row["symbol"] for row in held["positions"]] == ["IBM"]
