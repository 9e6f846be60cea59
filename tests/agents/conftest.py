"""A whole desk in memory: house, index, MCP session, graph."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from app.composition import Floor, open_floor
from tools.settings import load_settings

Opener = Callable[[], AbstractAsyncContextManager[Floor]]


@pytest.fixture
def floor(knowledge_home: Path) -> Opener:
    """Open a floor over this test's home, with whatever model the environment names."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Floor]:
        async with open_floor(load_settings()) as found:
            yield found

    return opened


async def events_of(floor: Floor, question: str, **more: Any) -> list[dict[str, Any]]:
    """Every event of one question."""
    return [event async for event in floor.conversation.ask(question, **more)]
