"""The only way from an agent to a tool: an MCP session, one role's allow-list, a shown record."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from mcp import Client
from mcp.shared.exceptions import MCPError

from agents.state import Call
from tools.domain import errors
from tools.domain.errors import TradingError

Emit = Callable[[dict[str, Any]], None]

ROLES: dict[str, frozenset[str]] = {
    "data": frozenset({"list_instruments", "get_quote", "get_bars", "search_knowledge"}),
    "signal": frozenset(
        {
            "compute_indicators",
            "compute_features",
            "run_backtest",
            "run_sweep",
            "run_monte_carlo",
            "score_sentiment",
            "search_knowledge",
        }
    ),
    "risk": frozenset(
        {"get_quote", "get_portfolio", "size_position", "assess_risk", "search_knowledge"}
    ),
    "execution": frozenset({"propose_order", "get_order", "cancel_order"}),
}
"""What each agent may call. Nothing here approves, sends, or changes a limit."""

NOT_FOR_MODELS = frozenset({"propose_order", "cancel_order"})
"""What only host code calls, on the person's own words; a model may look and comment."""

HOST_ARGUMENTS = frozenset({"as_of", "session", "intent_id"})
"""Arguments that the desk fills in itself; a model can't choose them."""

TAKES_AS_OF = frozenset(
    {
        "get_quote",
        "get_bars",
        "compute_indicators",
        "compute_features",
        "run_backtest",
        "run_sweep",
        "score_sentiment",
        "search_knowledge",
        "get_portfolio",
        "size_position",
        "assess_risk",
        "propose_order",
    }
)


class ToolFailed(TradingError):
    """A tool answered with an error of no known type."""


def error_of(told: dict[str, Any] | None, text: str) -> TradingError:
    """The domain's error again, from the name and sentence that crossed the session."""
    kind = getattr(errors, str((told or {}).get("error", "")), ToolFailed)
    if not (isinstance(kind, type) and issubclass(kind, TradingError)):
        kind = ToolFailed
    return kind(str((told or {}).get("message") or text))


class Toolbox:
    """The calls of one agent in one turn; numbered c1, c2, … across the whole turn."""

    def __init__(
        self,
        client: Client,
        agent: str,
        calls: list[Call],
        emit: Emit,
        *,
        as_of: str | None = None,
        host: dict[str, Any] | None = None,
    ) -> None:
        """``calls`` is appended to; ``host`` holds values for the host's own arguments."""
        self._client = client
        self._agent = agent
        self.calls = calls
        self._emit = emit
        self._as_of = as_of
        self._host = host or {}

    async def call(self, tool: str, **arguments: Any) -> Call:
        """Call one tool; the record is kept and shown either way. Raises the tool's error."""
        record = await self.attempt(tool, arguments)
        if not record["ok"]:
            raise error_of(record["data"], record["error"])
        return record

    async def attempt(
        self, tool: str, arguments: dict[str, Any], *, barred: frozenset[str] = frozenset()
    ) -> Call:
        """Like ``call``, but a tool's error comes back in the record."""
        call_id = f"c{len(self.calls) + 1}"
        # Whatever a model sends for the host's own arguments is dropped.
        sent = {k: v for k, v in arguments.items() if v is not None and k not in HOST_ARGUMENTS}
        if tool == "propose_order":
            sent |= self._host
        if self._as_of is not None and tool in TAKES_AS_OF:
            sent["as_of"] = self._as_of
        shown = {"id": call_id, "agent": self._agent, "tool": tool, "arguments": sent}
        self._emit({"type": "tool_call", **shown})
        started = time.perf_counter()
        ok: bool
        data: dict[str, Any]
        if tool not in ROLES[self._agent] - barred:
            text = f"the {self._agent} agent may not call {tool}"
            ok, data = False, {"error": "InputError", "message": text}
        else:
            ok, data, text = await self._ask(tool, sent)
        record = Call(
            id=call_id,
            agent=self._agent,
            tool=tool,
            arguments=sent,
            ok=ok,
            data=data.get("data", {}) if ok else data,
            error="" if ok else text,
            untrusted=bool(data.get("untrusted")),
            ms=round((time.perf_counter() - started) * 1000, 2),
        )
        self.calls.append(record)
        self._emit(
            {
                "type": "tool_result",
                "id": call_id,
                "agent": self._agent,
                "tool": tool,
                "ok": ok,
                "data": record["data"],
                "error": record["error"],
                "untrusted": record["untrusted"],
                "ms": record["ms"],
            }
        )
        return record

    async def by_model(self, tool: str, arguments: dict[str, Any]) -> Call:
        """A call that a model wants: refused in the record where it is none of a model's."""
        return await self.attempt(tool, arguments, barred=NOT_FOR_MODELS)

    async def _ask(self, tool: str, sent: dict[str, Any]) -> tuple[bool, dict[str, Any], str]:
        try:
            result = await self._client.call_tool(tool, sent)
        except MCPError as error:
            return False, {"error": "ToolFailed", "message": str(error)}, str(error)
        text = "".join(getattr(part, "text", "") for part in result.content)
        return not result.is_error, dict(result.structured_content or {}), text

    async def schemas(self) -> list[dict[str, Any]]:
        """This role's tools as function schemas for a model, the host's arguments left out."""
        listed = await self._client.list_tools()
        shown = []
        for tool in listed.tools:
            if tool.name not in ROLES[self._agent] - NOT_FOR_MODELS:
                continue
            schema = dict(tool.input_schema)
            schema["properties"] = {
                name: row
                for name, row in schema.get("properties", {}).items()
                if name not in HOST_ARGUMENTS
            }
            shown.append(
                {
                    "type": "function",
                    "function": {
                        "name": tool.name,
                        "description": tool.description or tool.name,
                        "parameters": schema,
                    },
                }
            )
        return shown
