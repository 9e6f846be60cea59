"""One message to one handler: tried again with back-off, and then laid aside."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from tools.bus.dead import DeadLetter, new_id
from tools.bus.messages import decoded
from tools.domain.errors import InputError
from tools.ports import Clock

logger = logging.getLogger(__name__)

Handle = Callable[[Mapping[str, object]], Awaitable[None]]
Bury = Callable[[DeadLetter], Awaitable[None]]
Wait = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a message is tried, and how many seconds after each failure, doubling."""

    attempts: int = 5
    first_s: float = 0.2
    most_s: float = 5.0

    def pause(self, failed: int) -> float:
        """Seconds to wait after so many failures, the first being 1."""
        # Not 2 ** (failed - 1) alone: a person may set many attempts.
        return min(self.first_s * 2.0 ** min(failed - 1, 30), self.most_s)


USUAL = Retries()


class Delivery:
    """Hands messages to one handler, one at a time and in the order they came.

    A message that fails holds up those behind it until it has been tried as often as ``retries``
    says; it is then given to ``bury``. Only when that fails too does the call raise, and the broker
    keeps the message. What is no JSON object is laid aside at once: trying again can't help.
    """

    def __init__(
        self,
        topic: str,
        group: str,
        handle: Handle,
        bury: Bury,
        clock: Clock,
        *,
        retries: Retries = USUAL,
        wait: Wait = asyncio.sleep,
    ) -> None:
        self.topic, self.group = topic, group
        self._handle, self._bury, self._clock = handle, bury, clock
        self._retries, self._wait = retries, wait
        self._one = asyncio.Lock()

    async def __call__(self, body: bytes) -> None:
        """Handle one message or lay it aside."""
        async with self._one:
            try:
                payload = decoded(body)
            except InputError as error:
                await self._aside(body, error, 0)
                return
            for attempt in range(1, self._retries.attempts + 1):
                try:
                    await self._handle(payload)
                except Exception as error:  # noqa: BLE001 - a handler's own; laid aside with it
                    logger.warning(
                        "a message of %s failed, attempt %d: %r", self.topic, attempt, error
                    )
                    if attempt == self._retries.attempts:
                        await self._aside(body, error, attempt)
                        return
                    await self._wait(self._retries.pause(attempt))
                    payload = decoded(body)  # the handler may have changed what it was given
                else:
                    return

    async def _aside(self, body: bytes, error: Exception, attempts: int) -> None:
        text = body.decode("utf-8", "replace")
        said = f"{type(error).__name__}: {error}"[:1000]
        at = self._clock.wall()
        await self._bury(DeadLetter(new_id(), self.topic, self.group, text, said, attempts, at))
