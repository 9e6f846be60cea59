"""What the page needs of a conversation; a test brings one of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from app.chat.turns import Event


class Talks(Protocol):
    """What a room needs of a conversation."""

    def ask(
        self, question: str, *, session: str | None = None, as_of: str | None = None
    ) -> AsyncIterator[Event]:
        """Events as the agents work, the last of type ``answer``."""
        ...

    def settle(self, session: str) -> AsyncIterator[Event]:
        """Go on after a person decided; silent when the session waits for nothing."""
        ...

    async def answer(self, session: str) -> Event:
        """The session's latest answer; NotFound for a session that never was."""
        ...
