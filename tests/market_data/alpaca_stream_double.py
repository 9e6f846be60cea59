"""Alpaca's live streams on this machine: msgpack over WebSocket, and one connection an endpoint.

After Alpaca's documents: a greeting, one answer to the keys, one to the subscription, then lists of
messages. Errors have a code and words.
"""

from __future__ import annotations

import msgpack

from tests.execution.alpaca.server import KEY, SECRET
from tests.market_data.stream_double import StreamDouble

CONNECTED = {"T": "success", "msg": "connected"}
LET_IN = {"T": "success", "msg": "authenticated"}


def refusal(code, words):
    return {"T": "error", "code": code, "msg": words}


class AlpacaStreamDouble(StreamDouble):
    """``refusal`` answers everybody's keys; ``most`` is how many symbols one may ask for."""

    def __init__(self):
        super().__init__()
        self.refusal = None
        self.most = 100
        self.paths = []
        self.at_once = 0
        self._open = 0

    async def handle(self, socket):
        self._open += 1
        self.at_once = max(self.at_once, self._open)
        self.paths.append(socket.request.path)
        try:
            await super().handle(socket)
        finally:
            self._open -= 1

    async def greet(self, socket):
        await socket.send(self.packed(CONNECTED))
        asked = msgpack.unpackb(await socket.recv())
        good = asked == {"action": "auth", "key": KEY, "secret": SECRET}
        if self.refusal or not good:
            await socket.send(self.packed(self.refusal or refusal(402, "auth failed")))
            return None
        await socket.send(self.packed(LET_IN))
        asked = msgpack.unpackb(await socket.recv())
        assert asked.pop("action") == "subscribe"
        if max(map(len, asked.values())) > self.most:
            await socket.send(self.packed(refusal(405, "symbol limit exceeded")))
            await socket.wait_closed()
            return None
        await socket.send(self.packed({"T": "subscription"} | asked))
        return {channel: sorted(names) for channel, names in asked.items()}

    def packed(self, frame):
        return msgpack.packb(frame if isinstance(frame, list) else [frame])
