"""Redis: a capped stream for each topic, and a consumer group for each group."""

from __future__ import annotations

import asyncio
import logging
import uuid
from contextlib import suppress
from typing import Any

from faststream import AckPolicy
from faststream.redis import RedisBroker, StreamSub

from tools.bus.line import On, raw

logger = logging.getLogger(__name__)

LENGTH = 100_000
"""Messages kept of a topic; a group that falls further behind loses the oldest."""

ABANDONED_MS = 30_000
"""After so long another process takes over what one has not acknowledged."""

EVERY_S = 2.0


class RedisLine:
    """At least once as far as the server keeps its data (appendonly, for a start)."""

    kind = "Redis"

    def __init__(self, url: str, prefix: str) -> None:
        self._prefix, self._me = prefix, uuid.uuid4().hex[:12]
        self._client: Any = None
        self._broker = RedisBroker(
            url,
            ack_policy=AckPolicy.NACK_ON_ERROR,
            apply_types=False,
            decoder=raw,
            logger=logger,
            log_level=logging.DEBUG,
            socket_connect_timeout=3,
        )
        self._wanted: list[tuple[str, str, On]] = []
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect."""
        self._client = await self._broker.connect()
        await self._client.ping()

    def listen(self, topic: str, group: str, on: On) -> None:
        """Kept until ``begin``, which asks the server where its stream ends."""
        self._wanted.append((topic, group, on))

    async def begin(self) -> None:
        """Consume from where each stream ends now, a group from where it was."""
        for topic, group, on in self._wanted:
            name = f"{self._prefix}.{topic}"
            if group:
                fresh = StreamSub(name, group=group, consumer=self._me)
                left = StreamSub(
                    name,
                    group=group,
                    consumer=self._me,
                    min_idle_time=ABANDONED_MS,
                    polling_interval=5_000,
                )
                self._broker.subscriber(stream=fresh)(on)
                self._broker.subscriber(stream=left)(on)
            else:
                # Redis's own "$" means the end at each reading: what came between two is missed.
                last = await self._client.xrevrange(name, count=1)
                start = last[0][0] if last else b"0-0"
                self._broker.subscriber(
                    stream=StreamSub(name, last_id=start.decode(), max_records=100)
                )(on)
        await self._broker.start()
        self._task = asyncio.create_task(self._revive())

    async def send(self, topic: str, body: bytes) -> None:
        """Add to the stream."""
        await self._broker.publish(body, stream=f"{self._prefix}.{topic}", maxlen=LENGTH)

    async def close(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._broker.stop()

    async def _revive(self) -> None:
        """A server that came back without its data has no groups, and the reader then gives up."""
        while True:
            await asyncio.sleep(EVERY_S)
            for subscriber in self._broker.subscribers:
                if not subscriber.running:
                    with suppress(Exception):
                        await subscriber.start()
