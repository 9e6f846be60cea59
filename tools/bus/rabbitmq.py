"""RabbitMQ: one durable topic exchange, and a durable queue for each group."""

from __future__ import annotations

import uuid

from faststream import AckPolicy
from faststream.rabbit import Channel, ExchangeType, RabbitBroker, RabbitExchange, RabbitQueue

from tools.bus.line import On, raw

PREFETCH = 100
"""Messages on their way to one subscriber, which handles them in order."""


class RabbitLine:
    """A group's queue outlives its processes; without a group the queue goes with the process."""

    kind = "RabbitMQ"

    def __init__(self, url: str, prefix: str) -> None:
        self._prefix = prefix
        self._exchange = RabbitExchange(prefix, type=ExchangeType.TOPIC, durable=True)
        self._broker = RabbitBroker(
            url,
            default_channel=Channel(prefetch_count=PREFETCH),
            # What AMQP calls rejected with requeue: it comes again.
            ack_policy=AckPolicy.NACK_ON_ERROR,
            apply_types=False,
            decoder=raw,
            logger=None,
            fail_fast=True,
            reconnect_interval=1.0,
        )

    async def open(self) -> None:
        """Connect and declare the exchange, so that publishing works without a subscriber."""
        await self._broker.connect()
        await self._broker.declare_exchange(self._exchange)

    def listen(self, topic: str, group: str, on: On) -> None:
        """One queue for each group, or of its own."""
        if group:
            queue = RabbitQueue(f"{self._prefix}.{topic}.{group}", durable=True, routing_key=topic)
        else:
            queue = RabbitQueue(
                f"{self._prefix}.{topic}.{uuid.uuid4().hex}", auto_delete=True, routing_key=topic
            )
        self._broker.subscriber(queue, self._exchange)(on)

    async def begin(self) -> None:
        """Consume."""
        await self._broker.start()

    async def send(self, topic: str, body: bytes) -> None:
        """Persistent, and confirmed by the broker."""
        await self._broker.publish(
            body,
            exchange=self._exchange,
            routing_key=topic,
            persist=True,
            content_type="application/json",
            mandatory=False,
        )

    async def close(self) -> None:
        """End."""
        await self._broker.stop()
