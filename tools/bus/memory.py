"""The bus inside one process: the default, without a server."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping

from tools.bus.burying import Burying
from tools.bus.dead import DeadLetters
from tools.bus.delivery import USUAL, Delivery, Handle, Retries, Wait
from tools.bus.messages import checked_group, checked_topic, encoded
from tools.domain.errors import StateError
from tools.ports import Clock

logger = logging.getLogger(__name__)

DEPTH = 1024
"""Messages that may wait for one group; then ``publish`` waits for it."""

END_S = 5.0


class MemoryBus:
    """Implements ``tools.ports.Bus`` for one event loop.

    Back-pressure: ``publish`` waits while a group that wants the topic is DEPTH messages behind, so
    the slowest handler sets the pace. A handler must therefore not publish to its own topic. What
    waits is lost with the process: nothing is at least once across a crash.
    """

    def __init__(
        self,
        clock: Clock,
        letters: DeadLetters | None = None,
        *,
        retries: Retries = USUAL,
        wait: Wait = asyncio.sleep,
        depth: int = DEPTH,
    ) -> None:
        """``letters`` keeps what nobody could handle, beside ``dead.TOPIC``."""
        self._clock, self._retries, self._wait, self._depth = clock, retries, wait, depth
        self._bury = Burying(self.publish, letters)
        self._groups: dict[tuple[str, str], list[Delivery]] = defaultdict(list)
        self._queues: dict[str, list[asyncio.Queue[bytes]]] = defaultdict(list)
        self._tasks: list[asyncio.Task[None]] = []
        self._running = False

    def subscribe(self, topic: str, handle: Handle, group: str = "") -> None:
        """As in the port; StateError once started."""
        if self._running:
            raise StateError("Subscribe before the bus is started.")
        delivery = Delivery(
            checked_topic(topic),
            checked_group(group),
            handle,
            self._bury,
            self._clock,
            retries=self._retries,
            wait=self._wait,
        )
        key = group or f"\0{len(self._groups)}"
        self._groups[topic, key].append(delivery)

    async def publish(self, topic: str, payload: Mapping[str, object]) -> None:
        """As in the port; without a subscriber nothing happens. StateError before ``start``."""
        if not self._running:
            raise StateError("The bus is not started: its messages would go nowhere.")
        body = encoded(payload)
        for queue in self._queues.get(checked_topic(topic), ()):
            await queue.put(body)

    async def start(self) -> None:
        """Let messages flow."""
        if self._running:
            return
        for (topic, _), deliveries in self._groups.items():
            queue: asyncio.Queue[bytes] = asyncio.Queue(self._depth)
            self._queues[topic].append(queue)
            self._tasks += [asyncio.create_task(self._work(queue, one)) for one in deliveries]
        self._running = True

    async def stop(self) -> None:
        """Handle what waits, for at most END_S seconds, and end; what is left is logged."""
        if not self._running:
            return
        waiting = [queue for queues in self._queues.values() for queue in queues]
        try:
            await asyncio.wait_for(asyncio.gather(*(q.join() for q in waiting)), END_S)
        except TimeoutError:
            left = sum(queue.qsize() for queue in waiting)
            logger.warning("the bus ended with %d messages not handled", left)
        self._running = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        self._queues.clear()

    async def _work(self, queue: asyncio.Queue[bytes], delivery: Delivery) -> None:
        while True:
            body = await queue.get()
            try:
                await delivery(body)
            except Exception:
                logger.exception("a message of %s is lost", delivery.topic)
            finally:
                queue.task_done()
