"""The server: the catalogue's rows, rendered for MCP."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.tools import Tool
from mcp.types import ToolAnnotations

from mcp_server.envelope import enveloped
from mcp_server.knowledge import KnowledgeTool
from rag_index.search import KnowledgeIndex
from tools.assembly import House, open_backtester, open_features, open_tone
from tools.catalog import Reach, ToolSpec, build_catalog

INSTRUCTIONS = (
    "Tollgate is a trading desk. Read tools give prices, indicators, risk and knowledge, all as of "
    "a moment. propose_order only proposes: a deterministic gate checks it and a person approves "
    "it in Tollgate's page or terminal. No tool approves, changes limits or lifts a halt."
)


def build_server(house: House, index: KnowledgeIndex, *, principal: str) -> MCPServer:
    """One server over the house's tools; orders proposed through it carry ``principal``."""
    rows = build_catalog(
        market=house.market,
        clock=house.clock,
        desk=house.desk,
        principal=principal,
        features=open_features(house.settings),
        backtester=lambda: open_backtester(house.settings, house.market),
        runs=house.settings.state / "backtests",
        tone=open_tone(house.settings),
    )
    return server_of((*rows, KnowledgeTool(index, house.clock).spec()))


def server_of(rows: Iterable[ToolSpec]) -> MCPServer:
    """One server over these tools."""
    try:
        ours = version("tollgate")
    except PackageNotFoundError:
        ours = "0"
    return MCPServer(
        "tollgate",
        version=ours,
        instructions=INSTRUCTIONS,
        log_level="WARNING",
        tools=[_tool(spec) for spec in rows],
    )


def _tool(spec: ToolSpec) -> Tool:
    tool = Tool.from_function(
        enveloped(spec),
        name=spec.name,
        description=spec.purpose,
        annotations=ToolAnnotations(
            read_only_hint=spec.reach is Reach.READ,
            destructive_hint=False,
            open_world_hint=False,
        ),
    )
    return tool.model_copy(update={"parameters": untitled(tool.parameters)})


def untitled(schema: Any) -> Any:
    """A JSON schema without titles: they say the arguments' names again, and a model reads all."""
    if isinstance(schema, list):
        return [untitled(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    named = schema.get("properties", {})
    rest = {key: untitled(one) for key, one in schema.items() if key not in ("title", "properties")}
    own = {"properties": {name: untitled(one) for name, one in named.items()}} if named else {}
    return rest | own
