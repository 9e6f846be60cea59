"""Kafka: a topic for each topic, and its own consumer groups."""

from __future__ import annotations

from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from tools.bus.line import On, raw


class KafkaLine:
    """A new group begins at the oldest message kept; without a group at the newest."""

    kind = "Kafka"

    def __init__(self, url: str, prefix: str) -> None:
        self._prefix = prefix
        self.broker = KafkaBroker(
            url,
            ack_policy=AckPolicy.NACK_ON_ERROR,
            apply_types=False,
            decoder=raw,
            logger=None,
            request_timeout_ms=10_000,
        )

    async def open(self) -> None:
        """Connect."""
        await self.broker.connect()

    def listen(self, topic: str, group: str, on: On) -> None:
        """A consumer of a group, or one of its own."""
        name = f"{self._prefix}.{topic}"
        if group:
            subscribe = self.broker.subscriber(
                name, group_id=f"{self._prefix}.{group}", auto_offset_reset="earliest"
            )
        else:
            # Without a group Kafka keeps no place to come back to.
            subscribe = self.broker.subscriber(
                name, auto_offset_reset="latest", ack_policy=AckPolicy.ACK_FIRST
            )
        subscribe(on)

    async def begin(self) -> None:
        """Consume."""
        await self.broker.start()

    async def send(self, topic: str, body: bytes) -> None:
        """Waits for the broker's word."""
        await self.broker.publish(body, f"{self._prefix}.{topic}")

    async def close(self) -> None:
        """End."""
        await self.broker.stop()
