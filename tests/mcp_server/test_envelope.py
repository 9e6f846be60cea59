"""A dataclass of arguments is shown as one parameter for each field, and put together again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from mcp import Client
from mcp.server.mcpserver import MCPServer
from pydantic import Field

from mcp_server.envelope import enveloped
from tools.catalog import ToolSpec


@dataclass(frozen=True, slots=True)
class Terms:
    price: Annotated[str | None, Field(description="the price", max_length=5)] = None
    force: str = "day"


PLAIN = Terms()


def work(symbol: str, terms: Terms = PLAIN, note: str = "") -> dict[str, Any]:
    return {"symbol": symbol, "price": terms.price, "force": terms.force, "note": note}


async def test_the_fields_of_a_dataclass_are_parameters_of_their_own():
    server = MCPServer("test")
    server.add_tool(enveloped(ToolSpec("work", "works", work)), name="work")
    async with Client(server) as client:
        (tool,) = (await client.list_tools()).tools
        assert list(tool.input_schema["properties"]) == ["symbol", "price", "force", "note"]
        assert tool.input_schema["properties"]["price"]["description"] == "the price"
        assert tool.input_schema["required"] == ["symbol"]
        said = await client.call_tool("work", {"symbol": "IBM", "force": "gtc", "note": "x"})
        wrong = await client.call_tool("work", {"symbol": "IBM", "price": "too long"})
    assert said.structured_content["data"] == {
        "symbol": "IBM", "price": None, "force": "gtc", "note": "x",
    }  # fmt: skip
    assert wrong.is_error
