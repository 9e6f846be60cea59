"""Whether a host can be reached, found out once and remembered for ten minutes."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
from datetime import datetime, timedelta
from pathlib import Path

from tools.ports import Clock

KEPT = timedelta(minutes=10)


class Reachability:
    """A plain TCP connect with a short time-out decides, looking up the name included.

    The verdict is kept in this process and, when there is a ``memory`` file, for the next one too.
    A file that is missing, corrupt, from the future or not writable does no harm. A network that
    is only open through a proxy counts as unreachable.
    """

    def __init__(
        self, host: str, port: int, clock: Clock, memory: Path | None, timeout: float = 1.0
    ) -> None:
        """``timeout`` in seconds; ``clock.wall()`` dates the verdicts."""
        self._host, self._port, self._timeout = host, port, timeout
        self._clock = clock
        self._memory = memory
        self._verdict: tuple[datetime, bool] | None = None

    def ok(self) -> bool:
        """The remembered verdict, or a new one: at most ``timeout`` seconds."""
        verdict = self._verdict or self._recall()
        now = self._clock.wall()
        if verdict is not None and timedelta(0) <= now - verdict[0] < KEPT:
            self._verdict = verdict
            return verdict[1]
        self.remember(self._connects())
        return self._verdict is not None and self._verdict[1]

    def remember(self, reachable: bool) -> None:
        """Set the verdict, as of the wall's now."""
        self._verdict = self._clock.wall(), reachable
        if self._memory is None:
            return
        text = json.dumps(
            {"host": self._address, "at": self._verdict[0].isoformat(), "reachable": reachable}
        )
        with contextlib.suppress(OSError):
            whole = self._memory.with_suffix(f".{os.getpid()}")
            whole.write_text(text, encoding="utf-8")
            whole.replace(self._memory)

    @property
    def _address(self) -> str:
        return f"{self._host}:{self._port}"

    def _recall(self) -> tuple[datetime, bool] | None:
        """What the file says of this host, None for anything odd."""
        if self._memory is None:
            return None
        try:
            kept = json.loads(self._memory.read_text(encoding="utf-8"))
            at = datetime.fromisoformat(kept["at"])
            if kept["host"] != self._address or at.tzinfo is None:
                return None
            return at, kept["reachable"] is True
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None

    def _connects(self) -> bool:
        """Try once, on a thread: looking up a name has no time-out of its own."""
        found: list[bool] = []

        def attempt() -> None:
            with (
                contextlib.suppress(OSError),
                socket.create_connection((self._host, self._port), self._timeout),
            ):
                found.append(True)

        thread = threading.Thread(target=attempt, name="reach", daemon=True)
        thread.start()
        thread.join(self._timeout)
        return bool(found)
