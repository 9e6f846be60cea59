"""The bus over a broker of messages: RabbitMQ, NATS, Redis or Kafka, by its address."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from tools.bus.burying import Burying
from tools.bus.dead import DeadLetters
from tools.bus.delivery import USUAL, Delivery, Handle, Retries, Wait
from tools.bus.line import BrokerLine
from tools.bus.messages import checked_group, checked_topic, encoded
from tools.domain.errors import ConfigError, DataUnavailable, StateError
from tools.ports import Clock

PATIENCE_S = 10.0
SCHEMES = ("amqp", "amqps", "nats", "redis", "rediss", "kafka")


class BrokerBus:
    """Implements ``tools.ports.Bus`` over one ``BrokerLine``; for one event loop.

    With a group a message waits for its handler at the broker, through a crash of this process or
    of the line; without one, a subscriber gets what is published while it is connected. Nobody with
    another name at the same broker hears any of it, nor what is laid aside. The
    connection comes back by itself; ``publish`` raises DataUnavailable while it is away.
    """

    def __init__(
        self,
        line: BrokerLine,
        clock: Clock,
        letters: DeadLetters | None = None,
        *,
        retries: Retries = USUAL,
        wait: Wait = asyncio.sleep,
    ) -> None:
        """``letters`` keeps what nobody could handle, beside ``dead.TOPIC``."""
        self._line, self._clock, self._retries, self._wait = line, clock, retries, wait
        self._bury = Burying(self.publish, letters)
        self._wanted: list[Delivery] = []
        self._running = False

    def subscribe(self, topic: str, handle: Handle, group: str = "") -> None:
        """As in the port; StateError once started."""
        if self._running:
            raise StateError("Subscribe before the bus is started.")
        self._wanted.append(
            Delivery(
                checked_topic(topic),
                checked_group(group),
                handle,
                self._bury,
                self._clock,
                retries=self._retries,
                wait=self._wait,
            )
        )

    async def publish(self, topic: str, payload: Mapping[str, object]) -> None:
        """As in the port; DataUnavailable when the broker did not take it within PATIENCE_S."""
        if not self._running:
            raise StateError("The bus is not started: its messages would go nowhere.")
        body = encoded(payload)
        name = checked_topic(topic)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._line.send(name, body)
        except Exception as error:  # noqa: BLE001 - each client has errors of its own; one reaction
            raise self._unreachable(error) from None

    async def start(self) -> None:
        """Connect; DataUnavailable when the broker can't be reached."""
        if self._running:
            return
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._line.open()
                for delivery in self._wanted:
                    self._line.listen(delivery.topic, delivery.group, delivery.__call__)
                # From here a message may come in, and its handler may publish.
                self._running = True
                await self._line.begin()
        except ConfigError:
            raise
        except Exception as error:  # noqa: BLE001 - the same
            self._running = False
            raise self._unreachable(error) from None

    async def stop(self) -> None:
        """Let what is being handled end, and disconnect."""
        if self._running:
            await self._line.close()
            self._running = False

    def _unreachable(self, error: Exception) -> DataUnavailable:
        said = str(error) or type(error).__name__
        return DataUnavailable(
            f"{self._line.kind}, the broker of messages in TOLLGATE_BUS, can't be reached "
            f"({said[:200]}). Start it, or unset TOLLGATE_BUS to do without."
        )


def line_of(url: str, name: str) -> BrokerLine:
    """The broker that an address names; ConfigError for another, or without its client.

    ``name`` stands before everything that is made there: a word of a-z, 0-9, _ and - without dots.
    """
    scheme = urlsplit(url).scheme
    made = _makers().get(scheme)
    if made is None:
        raise ConfigError(
            f"TOLLGATE_BUS begins with {scheme[:20]!r}: use amqp://, nats://, redis:// or "
            "kafka://, or unset it for a bus inside the process."
        )
    try:
        return made(url, name)
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"TOLLGATE_BUS is a {scheme} address, but {error.name} is not installed: install "
            "Tollgate with its extra `bus`."
        ) from None
    except ValueError as error:
        raise ConfigError(f"The address in TOLLGATE_BUS can't be read ({error}).") from None


def _makers() -> dict[str, Callable[[str, str], BrokerLine]]:
    return {
        "amqp": _rabbit,
        "amqps": _rabbit,
        "nats": _nats,
        "redis": _redis,
        "rediss": _redis,
        "kafka": _kafka,
    }


def _rabbit(url: str, prefix: str) -> BrokerLine:
    from tools.bus.rabbitmq import RabbitLine

    return RabbitLine(url, prefix)


def _nats(url: str, prefix: str) -> BrokerLine:
    from tools.bus.nats_jetstream import NatsLine

    return NatsLine(url, prefix)


def _redis(url: str, prefix: str) -> BrokerLine:
    from tools.bus.redis_streams import RedisLine

    return RedisLine(url, prefix)


def _kafka(url: str, prefix: str) -> BrokerLine:
    from tools.bus.kafka_topics import KafkaLine

    return KafkaLine(url.removeprefix("kafka://"), prefix)
