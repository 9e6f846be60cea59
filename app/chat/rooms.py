"""Every room of this process, by session id."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from app.chat.room import Room
from app.chat.talks import Talks

MOST_ROOMS = 200


class Rooms:
    """Finds a session's room, or makes it."""

    def __init__(self, talks: Callable[[], Talks]) -> None:
        """``talks`` gives the open conversation."""
        self._talks = talks
        self._rooms: dict[str, Room] = {}

    async def enter(self, session: str) -> Room:
        """The session's room, restored when this process sees it for the first time."""
        room = self._rooms.get(session)
        if room is None:
            self._make_space()
            room = self._rooms[session] = Room(session, self._talks())
        await room.restore()
        return room

    def decided(self, session: str, order_id: str) -> None:
        """Somebody decided on an order: its conversation goes on, if it is one of ours."""
        if room := self._rooms.get(session):
            room.settle(order_id)

    async def close(self) -> None:
        """Stop all work; called before the floor closes."""
        await asyncio.gather(*(room.close() for room in self._rooms.values()))

    def _make_space(self) -> None:
        if len(self._rooms) >= MOST_ROOMS:
            oldest = next((key for key, room in self._rooms.items() if room.idle), None)
            if oldest is not None:
                del self._rooms[oldest]
