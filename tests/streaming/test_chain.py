"""A stream goes in, prices come out on the bus, and whoever watches slowly is told."""

import asyncio
import json
import math
import threading

import pytest

from tests.streaming.made import Wire, at, tick
from tools.bus.memory import MemoryBus
from tools.clock import SystemClock
from tools.domain.errors import DataUnavailable, StateError
from tools.streaming import inbox as inbox_file
from tools.streaming.chain import PRICES, Chain
from tools.streaming.forming import Forming
from tools.streaming.hub import Hub
from tools.streaming.mailbox import Mailbox
from tools.streaming.pace import Pace
from tools.streaming.recording import recorded
from tools.streaming.replay import Replay
from tools.streaming.track import Track


def track(symbol, counts):
    return Track(symbol, "XNYS", counts, forming=lambda: Forming(()))


class Line:
    """A bus, a hub and a chain over a source, and one who watches IBM."""

    def __init__(self, source, **options):
        self.bus = MemoryBus(SystemClock())
        self.hub = Hub(self.bus)
        self.chain = Chain(self.bus, source, label=source.name, track=track, **options)
        self.watcher = self.hub.join()

    async def __aenter__(self):
        await self.bus.start()
        await self.chain.start(["IBM"])
        self.hub.watch(self.watcher, ["IBM"])
        return self

    async def __aexit__(self, *_):
        await self.chain.stop()
        await self.bus.stop()

    async def prices(self, count):
        found = []
        async with asyncio.timeout(20):
            while len(found) < count:
                rows = map(json.loads, await self.watcher.box.take(1))
                found += [row for row in rows if row["type"] == "price"]
        return found


async def test_what_the_feed_says_comes_out_with_the_feeds_name():
    wire = Wire()
    async with Line(wire) as line:
        wire.heard(tick(1, "181.52"))
        (price,) = await line.prices(1)
    assert (price["price"], price["label"]) == ("181.52", "wire")
    assert wire.heard is None


async def test_many_threads_at_once_lose_nothing():
    wire = Wire()
    async with Line(wire) as line:
        heard = wire.heard
        threads = [
            threading.Thread(target=lambda: [heard(tick(1)) for _ in range(100)]) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        assert len(await line.prices(400)) == 400
        for thread in threads:
            thread.join()
    assert line.chain.counts.heard == 400


async def test_a_live_feed_never_waits_and_what_made_room_is_counted(monkeypatch):
    wire, chain_made = Wire(), []
    monkeypatch.setattr(inbox_file.Inbox.__init__, "__defaults__", (50,))
    async with Line(wire) as line:
        chain_made.append(line.chain)
        for n in range(200):
            wire.heard(tick(n, str(n + 1)))
        seen = await line.prices(50)
    assert [row["price"] for row in seen] == [str(n) for n in range(151, 201)]
    assert line.chain.counts.dropped == 150


async def test_a_replay_as_fast_as_possible_waits_and_loses_nothing(monkeypatch):
    monkeypatch.setattr(inbox_file.Inbox.__init__, "__defaults__", (50,))
    replay = Replay(
        recorded([tick(n, str(n + 1)) for n in range(400)]), Pace(math.inf), paused=True
    )
    async with Line(replay, patient=True) as line:
        replay.resume()
        seen = await line.prices(400)
    assert [int(row["price"]) for row in seen] == list(range(1, 401))


async def test_the_same_recording_gives_the_same_updates_twice():
    async def once():
        ticks = [tick(n * 7 % 500, str(100 + n % 13)) for n in range(400)]
        replay, texts = Replay(recorded(ticks), Pace(math.inf), paused=True), []
        async with Line(replay, patient=True) as line:
            replay.resume()
            ended, more = False, []
            while more or not ended:
                ended = replay.state == "ended" and line.chain.idle
                more = await line.watcher.box.take(0.1)
                texts += more
        return texts

    assert await once() == await once()


async def test_a_symbol_that_nobody_asked_for_is_counted():
    wire = Wire()
    async with Line(wire) as line:
        wire.heard(tick(1, symbol="XYZ"))
        wire.heard(tick(2))
        await line.prices(1)
    assert line.chain.counts.unasked == 1


async def test_following_another_symbol_opens_the_line_with_both():
    wire = Wire()
    async with Line(wire) as line:
        await line.chain.follow(["MSFT", "IBM"])
        await line.chain.follow(["MSFT"])
        line.hub.watch(line.watcher, ["MSFT"])
        wire.heard(tick(1, symbol="MSFT"))
        assert (await line.prices(1))[0]["symbol"] == "MSFT"
    assert wire.asked == [("IBM",), ("IBM", "MSFT")]


async def test_a_line_that_is_down_is_told_with_the_reason():
    wire = Wire()
    async with Line(wire) as line:
        assert (line.chain.status()["line"], line.chain.status()["problem"]) == ("up", "")
        wire.up = False
        assert line.chain.status()["line"] == "down"
        assert line.chain.status()["problem"] == "The key is not accepted."


async def test_a_feed_that_cannot_be_opened_is_an_error_and_leaves_nothing_running():
    class Broken(Wire):
        def stream(self, symbols, heard):
            raise DataUnavailable("no keys")

    line = Line(Broken())
    with pytest.raises(DataUnavailable, match="no keys"):
        await line.__aenter__()
    await line.bus.stop()
    assert len(asyncio.all_tasks()) == 1


async def test_a_bus_that_is_away_costs_updates_and_not_the_stream(monkeypatch):
    wire = Wire()
    async with Line(wire) as line:
        publish = line.bus.publish

        async def away(topic, payload):
            if topic == PRICES:
                raise DataUnavailable("gone")

        monkeypatch.setattr(line.bus, "publish", away)
        wire.heard(tick(1, "1"))
        async with asyncio.timeout(10):
            while not line.chain.counts.unpublished:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        monkeypatch.setattr(line.bus, "publish", publish)
        wire.heard(tick(2, "2"))
        assert (await line.prices(1))[0]["price"] == "2"


async def test_a_recorder_whose_disk_is_full_does_not_stop_the_prices():
    def full(_):
        raise StateError("the disk is full")

    wire = Wire()
    async with Line(wire, tee=full) as line:
        wire.heard(tick(1))
        await line.prices(1)
    assert line.chain.counts.unrecorded == 1


async def test_bars_of_quiet_symbols_end_with_the_time_of_the_others():
    wire = Wire()
    async with Line(wire) as line:
        await line.chain.follow(["MSFT"])
        wire.heard(tick(1, "7"))
        await line.prices(1)
        wire.heard(tick(65, "8", symbol="MSFT"))
        async with asyncio.timeout(10):
            found = []
            while not found:
                found = [json.loads(text) for text in await line.watcher.box.take(1)]
    assert (found[0]["type"], found[0]["close"], found[0]["known"]) == (
        "bar",
        "7",
        at(60).isoformat(),
    )


async def test_a_slow_watcher_gets_the_latest_of_each_and_is_told_how_many_it_missed():
    box = Mailbox(depth=3)
    for n in range(10):
        box.put("IBM price", f"ibm {n}")
        box.put("MSFT price", f"msft {n}")
    assert await box.take(1) == ["ibm 0", "msft 0", "ibm 1", "msft 9", "ibm 9"]
    assert box.skipped_since() == 15
    assert box.skipped_since() == 0


async def test_one_who_never_reads_costs_no_more_than_the_depth():
    box = Mailbox(depth=10)
    for n in range(100_000):
        box.put("k", str(n))
    assert len(await box.take(1)) == 11


async def test_two_hundred_watchers_all_get_everything():
    wire = Wire()
    async with Line(wire) as line:
        watchers = [line.hub.join() for _ in range(200)]
        for watcher in watchers:
            line.hub.watch(watcher, ["IBM"])
        for n in range(20):
            wire.heard(tick(n, str(n + 1)))
        await line.prices(20)
        for watcher in watchers:
            texts = await watcher.box.take(1)
            assert [json.loads(text)["price"] for text in texts] == [str(n + 1) for n in range(20)]


async def test_a_chain_that_falls_silent_is_lost(monkeypatch):
    monkeypatch.setattr("tools.streaming.hub.UNHEARD_S", 0.0)
    wire = Wire()
    async with Line(wire) as line:
        async with asyncio.timeout(10):
            while line.hub.status()["line"] == "none":  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert line.hub.status()["line"] == "lost"
