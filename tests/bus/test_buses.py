"""Every bus takes the same exam; those with a broker also lose it and find it again."""

import asyncio
import re
import uuid
from contextlib import suppress

import pytest

from tests.bus.servers import URLS, Cable, reachable
from tests.contracts.bus import BusContract, into, soon
from tools.assembly import open_messages
from tools.bus.brokers import BrokerBus, line_of
from tools.bus.dead import DeadLetters
from tools.bus.memory import MemoryBus
from tools.bus.naming import name_in
from tools.clock import SystemClock
from tools.domain.errors import ConfigError, DataUnavailable, StateError
from tools.settings import load_settings


@pytest.fixture
def letters(tmp_path):
    return DeadLetters(tmp_path / "dead_letters.db")


class TestMemory(BusContract):
    across = False

    @pytest.fixture
    def make(self):
        return lambda letters=None, **options: MemoryBus(SystemClock(), letters, **options)

    @pytest.fixture
    def elsewhere(self, make):
        return make

    async def test_publishing_waits_for_the_slowest_group(self, make):
        gate, bus = asyncio.Event(), make(depth=2)

        async def stuck(_):
            await gate.wait()

        bus.subscribe("t", stuck)
        await bus.start()
        for _ in range(3):
            await bus.publish("t", {})
        waiting = asyncio.create_task(bus.publish("t", {}))
        await asyncio.sleep(0)
        assert not waiting.done()
        gate.set()
        await waiting
        await bus.stop()


@pytest.fixture(params=sorted(URLS))
def kind(request, strict_skip):
    if not reachable(request.param):
        strict_skip(f"no {request.param} server at {URLS[request.param]}")
    return request.param


@pytest.fixture
def prefix(kind):
    return f"tollgate-{kind}-{uuid.uuid4().hex[:8]}"


@pytest.fixture
async def _swept(kind, prefix):
    yield
    await sweep(kind, prefix)
    await sweep(kind, f"{prefix}-g")


async def sweep(kind, prefix):
    """Take away what the test left at the server."""
    if kind == "redis":
        import redis

        with redis.Redis.from_url(URLS[kind]) as client:
            for key in client.scan_iter(f"{prefix}*"):
                client.delete(key)
    elif kind == "nats":
        import nats

        client = await nats.connect(URLS[kind])
        with suppress(Exception):
            await client.jetstream().delete_stream(prefix)
        await client.close()
    else:
        import aio_pika

        connection = await aio_pika.connect(URLS[kind])
        for topic, groups in {"t": "gh", "orders": ["books"], "dead.t": "gh"}.items():
            for group in groups:
                with suppress(Exception):
                    channel = await connection.channel()
                    await channel.queue_delete(f"{prefix}.{topic}.{group}")
        channel = await connection.channel()
        await channel.exchange_delete(prefix)
        await connection.close()


@pytest.mark.usefixtures("_swept")
class TestBroker(BusContract):
    @pytest.fixture
    def make(self, kind, prefix):
        def made(letters=None, **options):
            return BrokerBus(line_of(URLS[kind], prefix), SystemClock(), letters, **options)

        return made

    @pytest.fixture
    def elsewhere(self, kind, prefix):
        # A name that begins with ours is another one all the same.
        return lambda: BrokerBus(line_of(URLS[kind], f"{prefix}-g"), SystemClock())

    async def test_a_broker_that_goes_away_is_told_and_comes_back(self, kind, prefix):
        cable, seen = Cable(URLS[kind]), []
        await cable.plug()
        bus = BrokerBus(line_of(cable.url, prefix), SystemClock())
        bus.subscribe("t", into(seen), "g")
        await bus.start()
        await bus.publish("t", {"n": 1})
        await soon(seen, 1)
        await cable.pull()
        with pytest.raises(DataUnavailable, match="TOLLGATE_BUS"):
            await bus.publish("t", {"n": 2})
        await cable.plug()
        async with asyncio.timeout(30):
            while not any(row["n"] == 3 for row in seen):
                with suppress(DataUnavailable):
                    await bus.publish("t", {"n": 3})
                await asyncio.sleep(0.2)
        await bus.stop()
        await cable.pull()

    async def test_a_message_whose_process_died_comes_to_another(
        self, kind, prefix, make, monkeypatch
    ):
        monkeypatch.setattr("tools.bus.redis_streams.ABANDONED_MS", 300)
        monkeypatch.setattr("tools.bus.nats_jetstream.ABANDONED_S", 0.5)
        cable, begun, seen, hold = Cable(URLS[kind]), [], [], asyncio.Event()
        await cable.plug()
        first = BrokerBus(line_of(cable.url, prefix), SystemClock())

        async def never(payload):
            begun.append(payload)
            await hold.wait()

        first.subscribe("t", never, "g")
        await first.start()
        await first.publish("t", {"n": 1})
        await soon(begun, 1)
        await cable.pull()
        other = make()
        other.subscribe("t", into(seen), "g")
        await other.start()
        await soon(seen, 1)
        await other.stop()
        hold.set()
        with suppress(Exception):
            await first.stop()
        assert seen[0] == {"n": 1}

    async def test_no_broker_at_all_is_a_sentence(self, kind, prefix, unused_tcp_port, monkeypatch):
        monkeypatch.setattr("tools.bus.brokers.PATIENCE_S", 2.0)
        scheme = {"amqp": "amqp://guest:guest@", "nats": "nats://", "redis": "redis://"}[kind]
        bus = BrokerBus(line_of(f"{scheme}127.0.0.1:{unused_tcp_port}", prefix), SystemClock())
        with pytest.raises(DataUnavailable, match="can't be reached"):
            await bus.start()


def test_an_address_of_another_kind_is_refused():
    with pytest.raises(ConfigError, match="use amqp://"):
        line_of("http://127.0.0.1/", "desk")


def test_a_desk_has_the_same_name_at_every_start_and_no_other_desk_has_it(tmp_path):
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
    desks = [(tmp_path / f, a) for f in ("one", "other") for a in ("paper", "alpaca live Ä")]
    names = [name_in(*desk) for desk in desks]
    assert names == [name_in(*desk) for desk in desks]
    assert len(set(names)) == 4
    pattern = load_settings().model_fields["bus_name"].metadata[0].pattern
    assert all(re.fullmatch(pattern, name) for name in names)


def test_a_folder_that_cannot_keep_the_name_is_told(tmp_path):
    with pytest.raises(StateError, match="TOLLGATE_BUS_NAME"):
        name_in(tmp_path / "none", "paper")


@pytest.mark.parametrize("name", ["a.b", "A", "", "-a", "x" * 41, "a b", "a*", "a/b"])
def test_a_name_that_could_be_taken_for_another_is_refused(name, monkeypatch):
    monkeypatch.setenv("TOLLGATE_BUS_NAME", name)
    if not name:
        assert load_settings().bus_name is None
        return
    with pytest.raises(ConfigError, match="TOLLGATE_BUS_NAME"):
        load_settings()


@pytest.mark.parametrize("written", [None, "research"])
def test_the_bus_that_the_settings_name_has_the_desks_name(tmp_path, monkeypatch, written):
    monkeypatch.setenv("TOLLGATE_HOME", str(tmp_path))
    monkeypatch.setenv("TOLLGATE_BUS", "redis://127.0.0.1:9/")
    if written:
        monkeypatch.setenv("TOLLGATE_BUS_NAME", written)
    bus = open_messages(load_settings(), SystemClock())
    assert bus._line._prefix == (written or name_in(tmp_path, "paper"))
