"""A recording in the place of a live feed, at any speed, with a pause and single steps."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tools.market_data.columns import moment_of
from tools.streaming.pace import Pace
from tools.streaming.recording import Recording
from tools.streaming.source import Heard

LABEL = "replay"


@dataclass(eq=False, slots=True)
class _Listener:
    symbols: frozenset[str]
    heard: Heard
    replay: Replay
    open: bool = field(default=True)

    def connected(self) -> bool:
        """Until the recording has ended, or it was closed."""
        return self.open and self.replay.state != "ended"

    def problem(self) -> str:
        """Empty: nothing can be wrong with a recording that is open."""
        return ""

    def close(self) -> None:
        """Hang up."""
        self.replay.leave(self)


class Replay:
    """Implements StreamingFeed. The order is the recording's; only when each row comes is new.

    All listeners share one position: it begins to play with the first and stands while there is
    none. ``heard`` is called from the replay's own thread, which waits for it.
    """

    name = LABEL
    live = False

    def __init__(
        self,
        recording: Recording,
        pace: Pace,
        *,
        paused: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """``paused`` begins with a pause, for single steps."""
        self.recording, self._monotonic = recording, monotonic
        self._pace, self._scale = pace, pace.scale(recording.known)
        self._lock = threading.Condition()
        self._listeners: list[_Listener] = []
        self._thread: threading.Thread | None = None
        self._next = 0
        self._paused, self._steps = paused, 0
        self._began, self._from = 0.0, 0.0

    @property
    def pace(self) -> Pace:
        """How fast it plays."""
        return self._pace

    @property
    def state(self) -> str:
        """playing, paused or ended."""
        if self._next >= len(self.recording):
            return "ended"
        return "paused" if self._paused else "playing"

    @property
    def moment(self) -> datetime:
        """How far it has come: when the last row played became known, aware UTC."""
        return moment_of(self.recording.known[max(self._next - 1, 0)])

    @property
    def played(self) -> int:
        """How many rows were played."""
        return self._next

    def stream(self, symbols: Sequence[str], heard: Heard) -> _Listener:
        """As a StreamingFeed; without symbols everything in the recording."""
        listener = _Listener(frozenset(symbols or self.recording.symbols), heard, self)
        with self._lock:
            self._listeners = [*self._listeners, listener]
            self._rebase()
            if self._thread is None:
                self._thread = threading.Thread(target=self._play, name="replay", daemon=True)
                self._thread.start()
            self._lock.notify_all()
        return listener

    def leave(self, listener: _Listener) -> None:
        """Take a listener off; nothing is heard after it returns, unless ``heard`` itself calls."""
        with self._lock:
            listener.open = False
            self._listeners = [one for one in self._listeners if one is not listener]
            thread = None if self._listeners else self._thread
            if thread is not None:
                self._thread = None
            self._lock.notify_all()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def pause(self) -> None:
        """Stand still after the row that is being played."""
        with self._lock:
            self._paused, self._steps = True, 0
            self._lock.notify_all()

    def resume(self) -> None:
        """Go on from where it stands."""
        with self._lock:
            self._paused, self._steps = False, 0
            self._rebase()
            self._lock.notify_all()

    def step(self, count: int = 1) -> None:
        """Play so many rows at once, and stand still."""
        with self._lock:
            self._paused = True
            self._steps += max(count, 0)
            self._lock.notify_all()

    def set_pace(self, pace: Pace) -> None:
        """Another speed from here on."""
        with self._lock:
            self._pace, self._scale = pace, pace.scale(self.recording.known)
            self._rebase()
            self._lock.notify_all()

    def _rebase(self) -> None:
        """What comes next is counted from this moment."""
        self._began = self._monotonic()
        self._from = float(self._scale[min(max(self._next - 1, 0), len(self._scale) - 1)])

    def _play(self) -> None:
        me = threading.current_thread()
        while True:
            with self._lock:
                if not self._await_turn(me):
                    return
                listeners = self._listeners
                datum = self.recording.row(self._next)
                self._next += 1
                self._steps -= self._steps > 0
            for listener in listeners:
                if listener.open and datum.symbol in listener.symbols:
                    listener.heard(datum)

    def _await_turn(self, me: threading.Thread) -> bool:
        """Wait until the next row is due; False when there is nothing more for this thread."""
        while self._thread is me:
            if self._next >= len(self.recording):
                self._thread = None
                return False
            if self._steps:
                return True
            if self._paused:
                self._lock.wait()
                continue
            ahead = (float(self._scale[self._next]) - self._from) / self._pace.speed
            left = self._began + ahead - self._monotonic()
            if left <= 0:
                return True
            self._lock.wait(left)
        return False
