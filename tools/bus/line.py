"""What each kind of broker does in its own way; ``brokers`` does the rest."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

On = Callable[[bytes], Awaitable[None]]


class BrokerLine(Protocol):
    """One broker of messages, spoken to through FastStream."""

    kind: str

    async def open(self) -> None:
        """Connect and make what messages need there; raises what the client raises."""
        ...

    def listen(self, topic: str, group: str, on: On) -> None:
        """After ``open``: from ``begin`` on, ``on`` gets each message and acknowledges by ending.

        When it raises, the message stays with the broker and comes again.
        """
        ...

    async def begin(self) -> None:
        """Let messages in."""
        ...

    async def send(self, topic: str, body: bytes) -> None:
        """Returns when the broker has taken it; raises what the client raises."""
        ...

    async def close(self) -> None:
        """Let what is being handled end, and hang up."""
        ...


async def raw(message: Any) -> bytes:
    """FastStream's decoder for bodies that ``tools.bus.messages`` reads itself."""
    body = message.body
    return body if isinstance(body, bytes) else json.dumps(body).encode()
