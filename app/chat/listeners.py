"""Who hears a room: the tabs that show it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from app.chat.turns import Event, Turn

logger = logging.getLogger(__name__)

Listener = Callable[[Turn, Event], None]


class Listeners:
    """Told of every event, in order; true while there is one."""

    def __init__(self) -> None:
        self._all: list[Listener] = []

    def __bool__(self) -> bool:
        return bool(self._all)

    def join(self, listener: Listener) -> Callable[[], None]:
        """Tell ``listener`` every event from now on; returns what ends that."""
        self._all.append(listener)

        def leave() -> None:
            if listener in self._all:
                self._all.remove(listener)

        return leave

    def tell(self, turn: Turn, event: Event) -> None:
        """Tell everyone. A tab that can't draw must not end the work that others watch."""
        for listener in list(self._all):
            try:
                listener(turn, event)
            except Exception:
                logger.exception("a page could not show an event")
