"""Puts the rooms together: the house, the knowledge index, the MCP server and the conversation."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.logs import log_to
from app.upkeep import look_after
from tools.assembly import House, assemble, need_live
from tools.domain.errors import StateError
from tools.settings import Settings

if TYPE_CHECKING:
    from agents.conversation import Conversation
    from agents.services import Mind
    from rag_index.search import KnowledgeIndex


@dataclass(frozen=True, slots=True)
class Floor:
    """One running desk: what the terminal and the page talk to."""

    house: House
    index: KnowledgeIndex
    conversation: Conversation


def choose_mind(settings: Settings) -> Mind:
    """The language model when one is configured, else the planner; never one for the other."""
    if settings.has_model:
        from agents.llm import Model

        key = settings.openai_api_key
        return Model(
            settings.model,
            api_key=key.get_secret_value() if key else None,
            base_url=settings.openai_base_url,
            timeout_s=settings.model_timeout_s,
            proxy=settings.openai_proxy,
        )
    from agents.planner import Planner

    return Planner()


@asynccontextmanager
async def open_floor(
    settings: Settings, house: House | None = None, *, live: bool = False
) -> AsyncIterator[Floor]:
    """Open everything a question needs; closes it again in the right order.

    ``live`` arms it for real money. Raises ConfigError, StateError or KnowledgeIndexError with a
    sentence.
    """
    from app.knowledge import open_index

    if house is None:
        need_live(settings, live=live)
        house = assemble(settings, live=live)
    log_to(settings.state)
    await asyncio.to_thread(look_after, house.desk)
    index = open_index(house.knowledge_folder)
    # What the signal and the search will need loads beside the imports below: on two cores a cold
    # question is answered half a second earlier.
    warming = asyncio.get_running_loop().run_in_executor(None, _warm, index)

    from mcp import Client

    from agents.checkpoints import Checkpoints
    from agents.conversation import Conversation
    from agents.graph import build_graph
    from mcp_server.server import build_server

    # What was imported stays: the collector need not look at it again and again.
    gc.freeze()
    gc.enable()
    mind = choose_mind(settings)
    sessions = settings.state / "sessions.db"
    async with AsyncExitStack() as stack:
        try:
            saver = await stack.enter_async_context(Checkpoints.from_conn_string(str(sessions)))
            await saver.setup()
        except sqlite3.Error as error:
            raise StateError(
                f"the conversations in {sessions} can't be read ({error}). Move the file away to "
                f"begin with none; orders and positions are kept elsewhere and are not affected."
            ) from None
        server = build_server(house, index, principal=f"agent:{mind.label.split()[0]}")
        client = await stack.enter_async_context(Client(server))
        failed: Exception | None = None
        try:
            yield Floor(house, index, Conversation(build_graph(saver), client, mind))
        except Exception as error:  # noqa: BLE001 (raised again below)
            # Kept until the session is closed: its task group would wrap it in a group.
            failed = error
    with suppress(Exception):
        # Whoever needed what failed to load has met the error and told it.
        await warming
    if failed is not None:
        raise failed


def _warm(index: KnowledgeIndex) -> None:
    from tools.indicators.registry import indicators

    index.warm()
    indicators()
