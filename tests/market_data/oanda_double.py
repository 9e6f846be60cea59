"""OANDA's v20 interface on this machine: its REST answers, and its stream of prices."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from urllib.parse import parse_qs, urlsplit

KEY, ACCOUNT = "oanda-secret", "101-004-1234567-001"
NOW = datetime(2024, 6, 7, 12, 0, tzinfo=UTC)  # a Friday
MINUTES = datetime(2024, 6, 6, 8, 0, tzinfo=UTC)
NO_RIGHT = {"errorMessage": "Insufficient authorization to perform request."}
STEPS = {"S5": timedelta(seconds=5), "M1": timedelta(minutes=1), "D": timedelta(days=1)}


def listed(name, kind="CURRENCY", places=5, units=0):
    return {
        "name": name,
        "type": kind,
        "displayName": name.replace("_", "/"),
        "pipLocation": -4,
        "displayPrecision": places,
        "tradeUnitsPrecision": units,
        "minimumTradeSize": "1",
        "marginRate": "0.02",
        "tags": [{"type": "ASSET_CLASS", "name": kind}],
    }


def candle(at, complete=True, mid=("1.08801", "1.0921", "1.0862", "1.0892")):
    return {
        "time": f"{at:%Y-%m-%dT%H:%M:%S}.000000000Z",
        "volume": 481,
        "complete": complete,
        "mid": dict(zip("ohlc", mid, strict=True)),
    }


def price(name="EUR_USD", bid="1.08912", ask="1.08925", tradeable=True, at=NOW):
    return {
        "type": "PRICE",
        "instrument": name,
        "time": f"{at:%Y-%m-%dT%H:%M:%S.%f}123Z",
        "bids": [
            {"price": bid, "liquidity": 500000},
            {"price": "0.00001", "liquidity": 10000000},
        ],
        "asks": [{"price": ask, "liquidity": 1000000}, {"price": "99999", "liquidity": 10000000}],
        "closeoutBid": "0.5",
        "closeoutAsk": "2",
        "status": "tradeable" if tradeable else "non-tradeable",
        "tradeable": tradeable,
    }


HEARTBEAT = {"type": "HEARTBEAT", "time": "2024-06-07T12:00:05.000000000Z"}


class Oanda:
    """``page`` is how many candles it sends at most, which may be fewer than were asked for."""

    def __init__(self, page=3):
        self.page = page
        self.now = NOW
        self.listed = [
            listed("EUR_USD"),
            listed("USD_TRY"),
            listed("XAU_USD", "METAL", places=3),
            listed("SPX500_USD", "CFD", places=1, units=1),
            listed("ODD_USD", "NEW_KIND"),
        ]
        first = datetime(2024, 6, 2, 21, tzinfo=UTC)
        days = [first + timedelta(days=n) for n in range(5)]
        self.candles = {
            "D": [candle(at, complete=at + timedelta(days=1) <= NOW) for at in days],
            "M1": [candle(MINUTES + timedelta(minutes=n)) for n in range(7)],
        }
        self.price = price()

    def __call__(self, path, query, headers):
        if headers.get("authorization") != f"Bearer {KEY}":
            return 401, NO_RIGHT
        account = f"/v3/accounts/{ACCOUNT}"
        if path == f"{account}/instruments":
            return 200, {"instruments": self.listed, "lastTransactionID": "7"}
        if path == f"{account}/pricing":
            assert query["instruments"] == self.price["instrument"]
            return 200, {"prices": [self.price], "time": "2024-06-07T12:00:00.000000000Z"}
        if path == "/v3/instruments/EUR_USD/candles":
            return self._candles(query)
        return 404, {"errorMessage": "The account does not exist."}

    def _candles(self, query):
        assert (query["price"], query["dailyAlignment"]) == ("M", "17")
        assert query["alignmentTimezone"] == "America/New_York"
        begin = datetime.fromisoformat(query["from"])
        if "to" in query or int(query["count"]) > 5000:
            return 400, {"errorMessage": "Maximum value for 'count' exceeded"}
        if begin > self.now:
            return 400, {
                "errorMessage": "Invalid value specified for 'from'. Time is in the future"
            }
        kind, first = query["granularity"], query["includeFirst"] == "true"
        rows = [
            row
            for row in self.candles[kind]
            for at in [datetime.fromisoformat(row["time"])]
            if (at > begin - STEPS[kind] if first else at > begin)
        ]
        count = min(int(query["count"]), self.page)
        return 200, {"instrument": "EUR_USD", "granularity": kind, "candles": rows[:count]}


class OandaStream:
    """A StreamServer: chunks of an answer that doesn't end, a line for each frame."""

    def __init__(self):
        self.subscribed, self.gone = SimpleQueue(), SimpleQueue()
        self.greeting, self.drops = (), False
        self.refusal = None  # status, headers and body instead of a stream
        self.opened, self.url = 0, ""
        self.loop = asyncio.new_event_loop()
        self._listeners = []

    def send(self, *frames):
        lines = [one if isinstance(one, bytes | str) else json.dumps(one) for one in frames]
        raw = [one if isinstance(one, bytes) else one.encode() for one in lines]
        self.send_parts(*(one + b"\n" for one in raw))

    def send_parts(self, *parts):
        """Each as one chunk, wherever its lines end."""
        writing = self._write(list(self._listeners), parts)
        asyncio.run_coroutine_threadsafe(writing, self.loop).result(60)

    def cut(self):
        async def cut():
            for writer in self._listeners:
                writer.transport.abort()

        asyncio.run_coroutine_threadsafe(cut(), self.loop).result(60)

    def go_silent(self):
        """Nothing: heartbeats come when a test sends them."""

    async def handle(self, reader, writer):
        self.opened += 1
        with suppress(OSError, asyncio.IncompleteReadError):
            await self._answer(reader, writer)
        with suppress(ValueError):
            self._listeners.remove(writer)
        self.gone.put(writer)
        writer.close()

    async def _answer(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        path = urlsplit(head[0].split(" ")[1])
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        if headers.get("authorization") != f"bearer {KEY}":
            self.refusal = 401, {}, json.dumps(NO_RIGHT)
        if self.refusal:
            status, more, body = self.refusal
            told = {"Content-Length": str(len(body)), "Connection": "close", **more}
            writer.write(_head(status, told) + body.encode())
            await writer.drain()
            return
        asked = parse_qs(path.query)
        self._listeners.append(writer)
        writer.write(_head(200, {"Transfer-Encoding": "chunked"}))
        await writer.drain()
        self.subscribed.put((path.path, sorted(asked["instruments"][0].split(","))))
        lines = [json.dumps(frame).encode() + b"\n" for frame in self.greeting]
        await self._write([writer], lines)
        if self.drops:
            writer.transport.abort()
        await reader.read()

    async def _write(self, writers, parts):
        for writer in writers:
            for part in parts:
                writer.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            with suppress(OSError):
                await writer.drain()


def _head(status, headers):
    lines = [f"HTTP/1.1 {status} Told", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@contextmanager
def oanda_stream():
    """A running stream's double; it ends with the block."""
    double, started, ended = OandaStream(), threading.Event(), asyncio.Event()

    async def run():
        async with await asyncio.start_server(double.handle, "127.0.0.1", 0) as server:
            double.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            started.set()
            await ended.wait()
            server.close()
            for writer in double._listeners:
                writer.transport.abort()

    def work():
        with asyncio.Runner(loop_factory=lambda: double.loop) as runner:
            runner.run(run())

    thread = threading.Thread(target=work, name="oanda stream double")
    thread.start()
    assert started.wait(60)
    try:
        yield double
    finally:
        double.loop.call_soon_threadsafe(ended.set)
        thread.join(60)
