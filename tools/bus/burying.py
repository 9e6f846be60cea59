"""Lays a message aside: on ``dead.TOPIC`` for whoever listens, and in the file for a person."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from tools.bus.dead import DeadLetter, DeadLetters
from tools.bus.messages import DEAD
from tools.domain.errors import TradingError

logger = logging.getLogger(__name__)

Publish = Callable[[str, Mapping[str, object]], Awaitable[None]]


class Burying:
    """Enough that one of the two places has it; raises what the last one said when neither has.

    A dead letter that can't be handled in its turn is kept in the file only, so that nothing goes
    round in circles.
    """

    def __init__(self, publish: Publish, letters: DeadLetters | None) -> None:
        self._publish, self._letters = publish, letters

    async def __call__(self, letter: DeadLetter) -> None:
        """Lay it aside."""
        kept = False
        failed: TradingError | None = None
        if self._letters is not None:
            try:
                await asyncio.to_thread(self._letters.keep, letter)
                kept = True
            except TradingError as error:
                failed = error
        if not letter.topic.startswith(DEAD):
            try:
                await self._publish(f"{DEAD}{letter.topic}", letter.payload)
                kept = True
            except TradingError as error:
                failed = error
        if failed is not None:
            logger.error("the dead letter %s of %s: %s", letter.id, letter.topic, failed)
            if not kept:
                raise failed
