"""A conversation over the graph: questions in, a stream of events and one answer out."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from weakref import WeakValueDictionary

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.types import Command
from mcp import Client

from agents.graph import Graph
from agents.rendering import WITHHELD, Rendered
from agents.request import AS_OF
from agents.services import Mind, Services
from agents.state import State
from tools.domain.errors import InputError, NotFound

SHOWN = ("id", "agent", "tool", "arguments", "ok", "untrusted", "ms")
"""What an answer tells of a tool call."""

SESSION = re.compile(r"[A-Za-z0-9_-]{1,40}")


def new_session() -> str:
    """A random session id."""
    return secrets.token_hex(6)


class Conversation:
    """Asks the graph on behalf of a page, a terminal or an API; one session is one thread."""

    def __init__(self, graph: Graph, client: Client, mind: Mind) -> None:
        """``graph`` with a checkpointer, an open MCP session, and what thinks."""
        self._graph = graph
        self._client = client
        self.mind = mind
        self._known: dict[str, str] | None = None
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def known(self) -> dict[str, str]:
        """Symbols and names that can be recognised in any case."""
        if self._known is None:
            listed = await self._client.call_tool("list_instruments", {})
            rows = (listed.structured_content or {}).get("data", {}).get("instruments", [])
            self._known = {row["symbol"]: row["name"] for row in rows}
        return self._known

    def _config(self, session: str) -> RunnableConfig:
        if not SESSION.fullmatch(session):
            raise InputError(
                "a session id has up to 40 letters, digits, - and _; leave it out for a new one"
            )
        return {"configurable": {"thread_id": session}, "recursion_limit": 25}

    async def ask(
        self,
        question: str,
        *,
        session: str | None = None,
        as_of: str | None = None,
        nonce: str | None = None,
    ) -> AsyncIterator[dict[str, Any]]:
        """Events as the agents work, the last of type ``answer``.

        ``nonce`` tells the turn's wish from every other; left out it is drawn, as it must be
        wherever somebody else could guess it. Raises InputError, DataUnavailable and the other
        domain errors; the session keeps every earlier turn.
        """
        session = session or new_session()
        if as_of is None and (said := AS_OF.search(question)):
            as_of = said.group(1)
        config = self._config(session)
        before = (await self._graph.aget_state(config)).values
        start: State = {
            "session": session,
            "turn": int(before.get("turn", 0)) + 1,
            "nonce": nonce or secrets.token_hex(8),
            "mind": self.mind.label,
            "question": question,
            "as_of": as_of,
            "request": {},
            "calls": [],
            "sections": [],
            "refused": None,
            "order_id": None,
            "outcome": "",
        }
        yield {"type": "session", "session": session, "mind": self.mind.label}
        async for event in self._run(start, config):
            yield event
        yield await self.answer(session)

    async def settle(
        self, session: str, order_id: str | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """Go on after a person decided; silent when the session waits for nothing.

        With ``order_id`` also silent when it waits for another order than that one.
        """
        config = self._config(session)
        kept = await self._graph.aget_state(config)
        waits = "decision" in kept.next
        if not waits or (order_id is not None and kept.values.get("order_id") != order_id):
            return
        async for event in self._run(Command(resume="decided"), config):
            yield event
        yield await self.answer(session)

    async def _run(
        self, start: State | Command[Any], config: RunnableConfig
    ) -> AsyncIterator[dict[str, Any]]:
        services = Services(self._client, self.mind, await self.known())
        session = str(config["configurable"]["thread_id"])
        lock = self._turns.setdefault(session, asyncio.Lock())
        # One turn of a session at a time: two would write over each other's state.
        async with lock:
            async for event in self._graph.astream(
                start, config, context=services, stream_mode="custom", durability="sync"
            ):
                yield event
            saver = self._graph.checkpointer
            if isinstance(saver, BaseCheckpointSaver):
                with suppress(NotImplementedError):
                    await saver.aprune([session])

    async def answer(self, session: str) -> dict[str, Any]:
        """The session's latest answer, whole; raises NotFound for a session that never was."""
        kept = (await self._graph.aget_state(self._config(session))).values
        if not kept:
            raise NotFound(f"there is no session {session}; ask without one to begin")
        rendered = Rendered(kept["calls"])
        sections = [
            {"agent": part["agent"], "text": rendered.text(part["text"])}
            for part in kept["sections"]
        ]
        orders = [c["data"] for c in kept["calls"] if "order" in c["tool"] and c["ok"]]
        priced = [c["data"] for c in kept["calls"] if c["ok"] and "feed" in c["data"]]
        return {
            "type": "answer",
            "session": session,
            "turn": kept["turn"],
            "question": kept["question"],
            "answer": "\n\n".join(part["text"] for part in sections),
            "sections": sections,
            "citations": rendered.citations,
            "quotations": rendered.quotations,
            "figures": rendered.figures,
            # What a model wrote without a source, and why nothing was answered at all.
            "unsupported": [
                row for part in kept["sections"] for row in part.get("unsupported", [])
            ],
            "refused": kept.get("refused"),
            # The same order may have been read twice; the last word on it counts.
            "orders": list({order["id"]: order for order in orders}.values()),
            "mind": kept["mind"],
            "as_of": priced[0]["as_of"] if priced else kept["as_of"],
            "prices": {
                "feeds": sorted({row["feed"] for row in priced}),
                "session": max((row["session"] for row in priced), default=None),
                "notices": sorted({row["notice"] for row in priced if row["notice"]}),
            },
            # Struck out when the model wrote them, or pointing at nothing when rendered.
            "withheld": rendered.withheld
            + sum(part["text"].count(WITHHELD) for part in kept["sections"]),
            "tools": [{key: call[key] for key in SHOWN} for call in kept["calls"]],
        }
