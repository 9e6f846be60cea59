"""The brokers of messages that tests may use: those on this machine, or those that are named."""

import asyncio
import os
import socket
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

URLS = {
    "amqp": os.environ.get("TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672/"),
    "nats": os.environ.get("TEST_NATS_URL", "nats://127.0.0.1:4222"),
    "redis": os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9"),
}


def reachable(kind):
    """Whether something listens there."""
    parts = urlsplit(URLS[kind])
    try:
        socket.create_connection((parts.hostname, parts.port), timeout=3).close()
    except OSError:
        return False
    return True


class Cable:
    """A connection to a server that can be pulled out and put back."""

    def __init__(self, url):
        self._parts = urlsplit(url)
        self._server = None
        self._writers = set()
        self.port = 0

    @property
    def url(self):
        """The server's address through this cable."""
        user = self._parts.netloc.rpartition("@")[0]
        netloc = f"{user}@127.0.0.1:{self.port}" if user else f"127.0.0.1:{self.port}"
        return urlunsplit(self._parts._replace(netloc=netloc))

    async def plug(self):
        """Let connections through."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def pull(self):
        """Cut all of them and refuse new ones."""
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        self._writers.clear()

    async def _carry(self, reader, writer):
        there, away = await asyncio.open_connection(self._parts.hostname, self._parts.port)
        self._writers |= {writer, away}
        await asyncio.gather(self._pump(reader, away), self._pump(there, writer))

    async def _pump(self, reader, writer):
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        with suppress(OSError):
            writer.close()
