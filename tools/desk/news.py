"""Hearing the venue's news while the desk is open: each is a hint, taken by a thread of its own."""

from __future__ import annotations

import logging
import queue
import threading
from typing import TYPE_CHECKING

from tools.domain.errors import TradingError

if TYPE_CHECKING:
    from tools.desk.door import Desk

logger = logging.getLogger(__name__)


class Listening:
    """An open ear; ``close`` ends it. What was never heard is found by the next reconciliation."""

    def __init__(self, desk: Desk) -> None:
        """Start listening; the venue's silence shows in the desk's health, not as an error."""
        self._desk = desk
        self._hints: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._waiting: set[str] = set()
        self._guard = threading.Lock()
        self._worker = threading.Thread(target=self._work, name="news", daemon=True)
        self._news = desk.broker.listen(self._heard)
        desk.watch.hears = self._news.connected
        self._worker.start()

    def close(self) -> None:
        """Hang up, and finish what was heard."""
        self._news.close()
        self._desk.watch.hears = lambda: True
        self._hints.put(None)
        self._worker.join(timeout=5)

    def _heard(self, key: str) -> None:
        """Called by the venue's own thread: only remembers, and never the same hint twice."""
        with self._guard:
            if key in self._waiting:
                return
            self._waiting.add(key)
        self._hints.put(key)

    def _work(self) -> None:
        while (key := self._hints.get()) is not None:
            with self._guard:
                self._waiting.discard(key)
            try:
                self._desk.hear(key)
            except TradingError as error:
                logger.warning("news of %s could not be taken: %s", key[:10] or "all", error)
            except Exception:
                # The reconciliation looks again; one odd order must not make the desk deaf.
                logger.exception("news of %s could not be taken", key[:10] or "all")
