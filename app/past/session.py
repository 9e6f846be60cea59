"""One MCP session, one graph and one conversation for a whole run, driven from plain code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.past.decider import Decider
from app.past.decision import Turn
from app.past.known import KnownMarket
from tools.domain.errors import TradingError
from tools.settings import Settings

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal
    from mcp import Client
    from mcp.server.mcpserver import MCPServer

    from agents.conversation import Conversation
    from rag_index.search import KnowledgeIndex
    from tools.desk import Desk


def server_at(
    settings: Settings, market: KnownMarket, desk: Desk, index: KnowledgeIndex, principal: str
) -> MCPServer:
    """The desk's tools as of the desk's own clock.

    Features are worked out anew each time: none of a run is kept in the person's store.
    """
    from mcp_server.knowledge import KnowledgeTool
    from mcp_server.server import server_of
    from tools.assembly import open_backtester
    from tools.catalog import build_catalog

    rows = build_catalog(
        market=market,
        clock=desk.clock,
        desk=desk,
        principal=principal,
        backtester=lambda: open_backtester(settings, market),
    )
    return server_of((*rows, KnowledgeTool(index, desk.clock).spec()))


class PastSession:
    """Asks the graph and waits; each question has a thread of its own, gone when it is answered."""

    def __init__(
        self,
        portal: BlockingPortal,
        client: Client,
        conversation: Conversation,
        saver: Any,
        decider: Decider,
    ) -> None:
        """``saver`` is the graph's own, in memory."""
        self._portal, self._client = portal, client
        self._conversation, self._saver = conversation, saver
        self._decider = decider

    def ask(self, question: str, session: str, moment: datetime) -> Turn:
        """One question as of the desk's clock; an expected error is in the turn.

        Raises NotRecorded where a recording has no answer, for what comes after it is not the
        recorded model's any more, and CallsSpent where a model was asked enough.
        """
        recording, before = self._decider.recording, 0
        if recording is not None:
            recording.at, recording.asked = moment.isoformat(), question
            before = recording.requests
        asked = self._portal.start_task_soon(self._asked, question, session)
        try:
            turn: Turn = asked.result()
        finally:
            asked.cancel()  # where Ctrl-C came in between: nobody waits for a model any more
        return turn if recording is None else replace(turn, used=recording.used_since(before))

    def propose(self, orders: Sequence[Mapping[str, Any]]) -> None:
        """Propose again what was proposed before the run was stopped."""
        if orders:
            self._portal.call(self._propose, orders)

    async def _propose(self, orders: Sequence[Mapping[str, Any]]) -> None:
        for one in orders:
            await self._client.call_tool("propose_order", dict(one))

    async def _asked(self, question: str, session: str) -> Turn:
        from agents.recording import CallsSpent, NotRecorded

        answer: dict[str, Any] | None = None
        tools: list[dict[str, Any]] = []
        wanted: dict[str, Mapping[str, Any]] = {}
        orders: list[Mapping[str, Any]] = []
        try:
            # Nobody else proposes at this desk, so the wish needs no secret; drawn at random, no
            # run would be the same again.
            async for event in self._conversation.ask(question, session=session, nonce="past"):
                if event["type"] == "tool_call":
                    wanted[event["id"]] = event["arguments"]
                elif event["type"] == "tool_result":
                    told = {key: event[key] for key in ("id", "agent", "tool")}
                    tools.append(told | ({} if event["ok"] else {"error": event["error"]}))
                    if event["ok"] and event["tool"] == "propose_order":
                        orders.append(wanted[event["id"]])
                elif event["type"] == "answer":
                    answer = event
            return Turn(answer, tools, proposed=orders)
        except (NotRecorded, CallsSpent):
            raise
        except TradingError as error:
            return Turn(None, tools, error, orders)
        finally:
            await self._saver.adelete_thread(session)


@contextmanager
def opened(
    settings: Settings, market: KnownMarket, desk: Desk, index: KnowledgeIndex, decider: Decider
) -> Iterator[PastSession]:
    """The session over one run's desk; nothing of it is on disk."""
    from anyio.from_thread import start_blocking_portal
    from langgraph.checkpoint.memory import InMemorySaver
    from mcp import Client

    from agents.conversation import Conversation
    from agents.graph import build_graph

    server = server_at(settings, market, desk, index, decider.principal)
    saver = InMemorySaver()
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(server)) as client,
    ):
        conversation = Conversation(build_graph(saver), client, decider.mind)
        failed: BaseException | None = None
        try:
            yield PastSession(portal, client, conversation, saver, decider)
        except BaseException as error:  # noqa: BLE001 (raised again below)
            # Kept until the session is closed: its task group would wrap it in a group.
            failed = error
    if failed is not None:
        raise failed
