"""A room: one conversation, worked on in the background, so that no tab has to stay open."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from app.chat.listeners import Listeners
from app.chat.talks import Talks
from app.chat.turns import Event, Turn, replayed
from tools.domain.errors import NotFound, TradingError

logger = logging.getLogger(__name__)

BUSY = "The agents are still at work on the last question; ask again when they have answered."
EMPTY = "The question is empty. Try: Should I buy 50 shares of IBM?"
UNEXPECTED = "Something went wrong that should not have; the log of the desk has the details."


class Room:
    """One session: its turns, whoever listens, and the one piece of work under way."""

    def __init__(self, session: str, talks: Talks) -> None:
        """Empty until restored or asked."""
        self.session = session
        self.turns: list[Turn] = []
        self._talks = talks
        self.listeners = Listeners()
        self._task: asyncio.Task[None] | None = None
        self._restoring = asyncio.Lock()
        self._restored = False
        self._settled: set[str] = set()

    @property
    def busy(self) -> bool:
        """Whether the agents work on a turn of this room right now."""
        return self._task is not None

    @property
    def idle(self) -> bool:
        """Whether nobody works here and nobody listens."""
        return not self.busy and not self.listeners

    async def restore(self) -> None:
        """Once: bring back the last turn that the checkpoint keeps, if there is one."""
        async with self._restoring:
            if self._restored or self.turns:
                return
            try:
                answer = await self._talks.answer(self.session)
            except NotFound:
                self._restored = True
                return
            self._restored = True
            # A question may have been asked while the answer was read: the room is then in use.
            if not self.turns:
                self.turns.append(replayed(answer))

    def ask(self, question: str, as_of: str | None = None) -> str:
        """Begin to work on a question; a sentence why not, empty when work began."""
        if not question.strip():
            return EMPTY
        if self.busy:
            return BUSY
        turn = Turn(question.strip(), as_of or None)
        self.turns.append(turn)
        self._tell(turn, {"type": "question", "text": turn.question})
        events = self._talks.ask(turn.question, session=self.session, as_of=turn.as_of)
        self._begin(self._work(turn, events))
        return ""

    def settle(self, order_id: str) -> bool:
        """Go on with the last turn when it waited for this order; False when there is no need.

        An earlier turn's order is past: the graph has moved on to another question.
        """
        turn = self.turns[-1] if self.turns else None
        if self.busy or turn is None or turn.waiting != order_id or order_id in self._settled:
            return False
        self._settled.add(order_id)
        self._begin(self._settle(turn))
        return True

    async def _settle(self, turn: Turn) -> None:
        before = len(turn.events)
        await self._work(turn, self._talks.settle(self.session), last=False)
        if len(turn.events) == before:
            # The decision came in elsewhere and the conversation went on there.
            await self._work(turn, self._latest(), last=False)
        self._tell(turn, {"type": "end"})

    async def _latest(self) -> AsyncIterator[Event]:
        yield await self._talks.answer(self.session)

    async def _work(self, turn: Turn, events: AsyncIterator[Event], *, last: bool = True) -> None:
        try:
            async for event in events:
                self._tell(turn, event)
        except TradingError as error:
            self._tell(turn, {"type": "error", "text": str(error)})
        except Exception:
            logger.exception("a question in session %s failed", self.session)
            self._tell(turn, {"type": "error", "text": UNEXPECTED})
        if last:
            self._tell(turn, {"type": "end"})

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._task = asyncio.get_running_loop().create_task(work)

    def _tell(self, turn: Turn, event: Event) -> None:
        turn.add(event)
        if event["type"] == "end":
            self._task = None
        self.listeners.tell(turn, event)

    async def close(self) -> None:
        """Stop the work under way; the checkpoint keeps what was done."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
