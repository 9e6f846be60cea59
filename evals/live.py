"""Figures of moving prices: trades through the whole chain, and how long one takes.

``python -m evals.live`` prints one JSON document. The chain is in process: a source's thread, the
checks, bars, indicators and features, the bus, the hub and a client's mailbox; then the same over a
WebSocket on the loopback. Times of the CPU are this process's; a busy machine makes waits longer.
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np

from tools.bus.memory import MemoryBus
from tools.catalog.features import STANDARD
from tools.clock import SystemClock
from tools.domain.market import Tick
from tools.market_data.aggregation.finished import Finished
from tools.market_data.columns import nanoseconds
from tools.settings import LIVE_FEATURES
from tools.streaming.chain import Chain
from tools.streaming.counts import Counts
from tools.streaming.features import LiveFeatures
from tools.streaming.hub import Hub
from tools.streaming.pace import Pace
from tools.streaming.recording import recorded
from tools.streaming.replay import Replay
from tools.streaming.source import Heard, Line
from tools.streaming.track import Track

TICKS, SINGLE = 20_000, 500
MINUTE_NS = 60 * 10**9
OPEN = datetime(2013, 10, 7, 14, 30, tzinfo=UTC)


def made(count: int) -> list[Tick]:
    """A walk in cents, a trade a second."""
    rng = np.random.default_rng(20131007)
    cents = 18_000 + rng.integers(-2, 3, count).cumsum()
    return [
        Tick("IBM", Decimal(int(price)) / 100, Decimal(100), at, at)
        for price, at in zip(
            cents, (OPEN + timedelta(seconds=n) for n in range(count)), strict=True
        )
    ]


class Hand:
    """A source that says what it is told to."""

    def __init__(self) -> None:
        self.heard: Heard | None = None

    def stream(self, symbols: Any, heard: Heard) -> Line:
        """As a feed."""
        self.heard = heard
        return self

    def say(self, tick: Tick) -> None:
        """One trade, from the calling thread."""
        if self.heard is not None:
            self.heard(tick)

    def connected(self) -> bool:
        """Always."""
        return True

    def problem(self) -> str:
        """None."""
        return ""

    def close(self) -> None:
        """Nothing to close."""


async def throughput(names: Sequence[str]) -> dict[str, float]:
    """Trades a second from the source's thread to one mailbox, wall and CPU, with these features.

    ``late`` is how many seconds after the last price the features of the last trade came.
    """
    replay = Replay(recorded(made(TICKS)), Pace(math.inf), paused=True)
    bus = MemoryBus(SystemClock())
    hub = Hub(bus)
    track = partial(_track, names=names)
    chain = Chain(bus, replay, label="replay", track=track, patient=True)
    watcher = hub.join()
    await bus.start()
    await chain.start(["IBM"])
    hub.watch(watcher, ["IBM"])
    seen = skipped = features = 0
    began, cpu = time.perf_counter(), time.process_time()
    replay.resume()
    while seen + skipped < TICKS:
        texts = await watcher.box.take(1)
        seen += sum('"type":"price"' in text for text in texts)
        features += sum('"type":"features"' in text for text in texts)
        skipped += watcher.box.skipped_since()
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    while not chain.idle:  # noqa: ASYNC110 - once
        await asyncio.sleep(0.0001)
    late = time.perf_counter() - began - wall
    await chain.stop()
    await bus.stop()
    return {
        "ticks": TICKS,
        "ticks_per_second_wall": round(TICKS / wall),
        "ticks_per_cpu_second": round(TICKS / cpu),
        "conflated": skipped,
        "features": len(names),
        "features_messages": features,
        "late_s": round(late, 4),
    }


def cost(names: Sequence[str], count: int = 2_000) -> dict[str, float]:
    """Microseconds of the CPU for one symbol's features at a finished bar, and at one under way."""
    features = LiveFeatures("IBM", "XNYS", "1m", names)
    start = nanoseconds(OPEN)
    bars = [
        Finished(t, t + MINUTE_NS, t + MINUTE_NS, p, p + 0.1, p - 0.1, p, 100.0 + n % 7, 0)
        for n, p in enumerate((180 + np.sin(np.arange(count) / 9)).tolist())
        for t in (start + n * MINUTE_NS,)
    ]
    began = time.process_time()
    for bar in bars[:-1]:
        features.finished(bar)
    between = time.process_time()
    for _ in bars:
        features.so_far(bars[-1])
    took = {"finished_us": between - began, "under_way_us": time.process_time() - between}
    each = {name: round(seconds / count * 1e6, 1) for name, seconds in took.items()}
    return {"features": len(names), **each}


async def latency() -> dict[str, float]:
    """Milliseconds from ``heard`` to a WebSocket client's hands, one trade at a time.

    The server is Starlette on uvicorn as the desk's, with a socket that only sends.
    """
    import socket

    import uvicorn
    from starlette.applications import Starlette
    from starlette.routing import WebSocketRoute
    from starlette.websockets import WebSocket
    from websockets.asyncio.client import connect

    hand, bus = Hand(), MemoryBus(SystemClock())
    hub = Hub(bus)
    chain = Chain(bus, hand, label="hand", track=_track)

    async def send(line: WebSocket) -> None:
        await line.accept()
        watcher = hub.join()
        hub.watch(watcher, ["IBM"])
        while True:
            for text in await watcher.box.take(60):
                await line.send_text(text)

    app = Starlette(routes=[WebSocketRoute("/", send)])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
        )
        serving = asyncio.create_task(server.serve([listener]))
        await bus.start()
        await chain.start(["IBM"])
        took = []
        async with connect(f"ws://127.0.0.1:{listener.getsockname()[1]}/") as client:
            while not hub.watching:  # noqa: ASYNC110 - once
                await asyncio.sleep(0.01)
            for tick in made(SINGLE):
                began = time.perf_counter()
                await asyncio.to_thread(hand.say, tick)
                while json.loads(await client.recv())["type"] != "price":
                    pass
                took.append((time.perf_counter() - began) * 1000)
        server.should_exit = True
        await serving
    await chain.stop()
    await bus.stop()
    p50, p99 = np.percentile(took, [50, 99])
    return {"ticks": SINGLE, "p50_ms": round(float(p50), 2), "p99_ms": round(float(p99), 2)}


def _track(symbol: str, counts: Counts, names: Sequence[str] = ()) -> Track:
    def features(timeframe: str) -> LiveFeatures | None:
        return LiveFeatures(symbol, "XNYS", timeframe, names) if names else None

    return Track(symbol, "XNYS", counts, features=features)


async def main() -> None:
    """Every figure."""
    found = {
        "throughput": await throughput(()),
        "with_usual_features": await throughput(LIVE_FEATURES.split(",")),
        "with_standard_features": await throughput(STANDARD),
        "cost": cost(LIVE_FEATURES.split(",")),
        "latency": await latency(),
    }
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
