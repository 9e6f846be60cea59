"""Kafka by FastStream's broker in memory: there is no server of it here.

What that leaves out: its own network, partitions, and coming back after a crash.
"""

import pytest
from faststream.kafka import TestKafkaBroker as MemoryKafka

from tests.contracts.bus import QUICK, into, soon
from tools.bus.brokers import BrokerBus, line_of
from tools.bus.dead import DeadLetters
from tools.clock import SystemClock


@pytest.fixture
async def line():
    line = line_of("kafka://127.0.0.1:9", "tollgate-test")
    async with MemoryKafka(line.broker, connect_only=True):
        yield line


async def test_a_message_reaches_its_group_and_whoever_has_none(line):
    grouped, alone = [], []
    bus = BrokerBus(line, SystemClock())
    bus.subscribe("t", into(grouped), "g")
    bus.subscribe("t", into(alone))
    await bus.start()
    await bus.publish("t", {"n": 1})
    await soon(grouped, 1)
    await soon(alone, 1)
    await bus.stop()
    assert grouped == alone == [{"n": 1}]


async def test_what_always_fails_is_laid_aside(line, tmp_path):
    letters, dead = DeadLetters(tmp_path / "dead.db"), []
    bus = BrokerBus(line, SystemClock(), letters, retries=QUICK)

    async def refuses(_):
        raise ValueError("no")

    bus.subscribe("t", refuses, "g")
    bus.subscribe("dead.t", into(dead))
    await bus.start()
    await bus.publish("t", {"n": 1})
    await soon(dead, 1)
    await bus.stop()
    assert (dead[0]["attempts"], dead[0]["error"]) == (3, "ValueError: no")
    assert len(letters.letters()) == 1
