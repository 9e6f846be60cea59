"""NATS with JetStream, which keeps messages; a server without it is refused."""

from __future__ import annotations

from typing import Any

from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub

from tools.bus.line import On, raw
from tools.domain.errors import ConfigError

KEPT_S = 7 * 24 * 3600.0
MOST_BYTES = 1_000_000_000
BATCH = 100

ABANDONED_S = 30.0
"""After so long without a word a message is given to another process of the group."""


class NatsLine:
    """One stream for all topics; a group is a durable consumer that its processes share.

    Without a group it is NATS's own subscription: what passes while the line is down is missed.
    """

    kind = "NATS"

    def __init__(self, url: str, prefix: str) -> None:
        self._prefix = prefix
        self._stream = JStream(prefix, declare=False)
        self._broker = NatsBroker(
            url,
            ack_policy=AckPolicy.NACK_ON_ERROR,
            apply_types=False,
            decoder=raw,
            logger=None,
            connect_timeout=3,
            reconnect_time_wait=1,
            max_reconnect_attempts=-1,
        )

    async def open(self) -> None:
        """Connect and make the stream; ConfigError for a server without JetStream."""
        from nats.js.api import StreamConfig
        from nats.js.errors import NotFoundError, ServiceUnavailableError

        client: Any = await self._broker.connect()
        manager = client.jetstream()
        try:
            try:
                await manager.stream_info(self._prefix)
            except NotFoundError:
                await manager.add_stream(
                    StreamConfig(
                        name=self._prefix,
                        subjects=[f"{self._prefix}.>"],
                        max_age=KEPT_S,
                        max_bytes=MOST_BYTES,
                    )
                )
        except ServiceUnavailableError:
            raise ConfigError(
                "This NATS server runs without JetStream, which keeps messages: start it with "
                "nats-server -js, or choose another TOLLGATE_BUS."
            ) from None

    def listen(self, topic: str, group: str, on: On) -> None:
        """A durable consumer for each group, or a plain subscription."""
        from nats.js.api import ConsumerConfig

        subject = f"{self._prefix}.{topic}"
        if group:
            self._broker.subscriber(
                subject,
                stream=self._stream,
                config=ConsumerConfig(ack_wait=ABANDONED_S),
                durable=f"{topic.replace('.', '_')}-{group}",
                pull_sub=PullSub(batch_size=BATCH, timeout=1.0),
            )(on)
        else:
            self._broker.subscriber(subject)(on)

    async def begin(self) -> None:
        """Consume."""
        await self._broker.start()

    async def send(self, topic: str, body: bytes) -> None:
        """Waits until JetStream has it on disk."""
        await self._broker.publish(
            body, f"{self._prefix}.{topic}", stream=self._prefix, timeout=5.0
        )

    async def close(self) -> None:
        """End."""
        await self._broker.stop()
