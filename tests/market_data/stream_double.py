"""A WebSocket server on this machine that a test speaks, cuts and silences; see StreamServer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response


class StreamDouble:
    """A vendor's double has ``greet``, its way of letting somebody in, and ``packed``, its frames.

    Text and bytes are sent as they are, so that they can be anything.
    """

    def __init__(self) -> None:
        self.subscribed: SimpleQueue[object] = SimpleQueue()
        self.gone: SimpleQueue[object] = SimpleQueue()
        self.greeting: Sequence[object] = ()
        self.drops = False
        self.shut: tuple[int, dict[str, str]] | None = None  # a status instead of a connection
        self.opened = 0
        self.host = ""
        self._listeners: list[ServerConnection] = []
        self._loop = asyncio.new_event_loop()

    @property
    def url(self) -> str:
        return f"ws://{self.host}"

    async def greet(self, socket: ServerConnection) -> object | None:
        """What it subscribes to, in one form; None for who isn't let in."""
        raise NotImplementedError

    def packed(self, frame: object) -> str | bytes:
        """A frame as it goes over the wire."""
        raise NotImplementedError

    def send(self, *frames: object) -> None:
        asyncio.run_coroutine_threadsafe(self._send(frames), self._loop).result(60)

    def cut(self) -> None:
        async def cut() -> None:
            for socket in self._listeners:
                socket.transport.abort()

        asyncio.run_coroutine_threadsafe(cut(), self._loop).result(60)

    def go_silent(self) -> None:
        """Nothing: it says what a test tells it to, and pings are the protocol's own."""

    def door(self, connection: ServerConnection, request: Request) -> Response | None:
        if self.shut is None:
            return None
        answer = connection.respond(self.shut[0], "")
        answer.headers.update(self.shut[1])
        return answer

    async def handle(self, socket: ServerConnection) -> None:
        self.opened += 1
        try:
            asked = await self.greet(socket)
            if asked is None:
                return
            self._listeners.append(socket)
            self.subscribed.put(asked)
            for frame in self.greeting:
                await self._say(socket, frame)
            if self.drops:
                socket.transport.abort()
            await socket.wait_closed()
        except ConnectionClosed:
            pass
        finally:
            with suppress(ValueError):
                self._listeners.remove(socket)
            self.gone.put(socket)

    async def _send(self, frames: Sequence[object]) -> None:
        for socket in list(self._listeners):
            for frame in frames:
                await self._say(socket, frame)

    async def _say(self, socket: ServerConnection, frame: object) -> None:
        with suppress(ConnectionClosed):
            await socket.send(frame if isinstance(frame, str | bytes) else self.packed(frame))


@contextmanager
def stream_double(double: Any) -> Iterator[Any]:
    """``double`` running; it ends with the block."""
    started, ended = threading.Event(), asyncio.Event()

    async def run() -> None:
        options: dict[str, Any] = {"close_timeout": 1, "process_request": double.door}
        async with serve(double.handle, "127.0.0.1", 0, **options) as running:
            double.host = f"127.0.0.1:{running.sockets[0].getsockname()[1]}"
            started.set()
            await ended.wait()

    def work() -> None:
        with asyncio.Runner(loop_factory=lambda: double._loop) as runner:
            runner.run(run())

    thread = threading.Thread(target=work, name="stream double")
    thread.start()
    assert started.wait(60)
    try:
        yield double
    finally:
        double._loop.call_soon_threadsafe(ended.set)
        thread.join(60)
