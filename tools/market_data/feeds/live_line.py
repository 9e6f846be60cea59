"""A live line that keeps itself open: back-off, an end to silence, and a word on what is wrong."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field

from tools.market_data.feeds.feed import Datum, Heard
from tools.market_data.feeds.resilience.failure import Unanswered

logger = logging.getLogger(__name__)

# How long a connection may take to hang up, and whoever is being told to return, in seconds.
HANGING_UP = 5.0
# The libraries under the vendors' clients write every frame to their log, a key included: an
# adapter gives them this one.
QUIET = logging.getLogger("tollgate.feeds.wire")
QUIET.setLevel(logging.WARNING)
# The number of the connection that whatever runs belongs to.
_CONNECTION: ContextVar[int] = ContextVar("connection", default=0)


async def _until(ended: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(ended.wait(), seconds)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a line is waited for, in seconds; a test gives its own clock and waiting.

    A line that says nothing for ``silence_s`` is opened anew. After n connections in a row that
    broke off without a word, a random time below ``first_wait_s`` times 2 to the n is waited, and
    below ``longest_wait_s``. Every ``look_s`` it is looked whether the line is silent.
    """

    silence_s: float = 60.0
    first_wait_s: float = 0.5
    longest_wait_s: float = 60.0
    look_s: float = 1.0
    monotonic: Callable[[], float] = time.monotonic
    wait: Callable[[asyncio.Event, float], Awaitable[None]] = _until
    # Jitter keeps processes apart; it guards no secret.
    draw: random.Random = field(default_factory=random.Random)


class _Silence(Unanswered):
    """Nothing came for long: that was waiting enough."""


class LiveLine(ABC):
    """Implements ``Line``; a subclass has ``once``, one connection, and sets itself up first.

    ``super().__init__`` comes last in its own: it starts the thread on which everything is heard. A
    line can die without a word, and outside a session there is nothing to hear either: both count
    as down, since prices then stand still. What a connection says that is slow to hang up counts
    for nothing once it was given up.
    """

    def __init__(self, name: str, heard: Heard, patience: Patience) -> None:
        """``name`` is the source's, for people."""
        self._name, self._heard, self._patience = name, heard, patience
        self._telling = threading.RLock()
        self._ended = threading.Event()
        self._last: float | None = None
        self._fresh = False
        self._number = 0
        self._problem = ""
        self._logged: set[str] = set()
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name=f"{name} stream", daemon=True)
        self._thread.start()

    @abstractmethod
    async def once(self) -> None:
        """Open one connection and pass on what comes, until it ends; cancelled, it hangs up.

        Raises Unanswered with a sentence where the source says why, with ``again`` False where only
        a person can help. Whatever else it raises is taken for a line that broke off.
        """

    def tell(self, datum: Datum) -> None:
        """Pass on a datum; what the listener raises is logged and ends nothing."""
        with self._telling:
            if self._ended.is_set() or not self._current():
                return
            self.alive()
            try:
                self._heard(datum)
            except Exception as error:  # noqa: BLE001 - logged, with where it happened
                self._warn(f"what {self._name} said was not taken ({type(error).__name__})", error)

    def alive(self) -> None:
        """Something came, such as a sign of life: the line is not silent."""
        if self._current():
            self._last, self._fresh, self._problem = self._patience.monotonic(), True, ""

    def odd(self, error: Exception | str) -> None:
        """Something came that can't be read: it is left out, and the log says so once a line."""
        kind = error if isinstance(error, str) else type(error).__name__
        self._warn(f"{self._name} sent what can't be read ({kind}); it is left out")

    def connected(self) -> bool:
        """Whether something was heard of late."""
        last = self._last
        return last is not None and self._patience.monotonic() - last < self._patience.silence_s

    def problem(self) -> str:
        """Why nothing comes, as a sentence; empty while something does."""
        return self._problem

    def close(self) -> None:
        """Hang up; nothing is heard after it returns."""
        self._ended.set()
        # Whoever closes may hold what a listener waits for: wait for the listener, not for ever.
        if self._telling.acquire(timeout=HANGING_UP):
            self._telling.release()
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            self._loop.call_soon_threadsafe(self._closing.set)
        if threading.current_thread() is not self._thread:
            self._thread.join(2 * HANGING_UP)
        self._last = None

    def _current(self) -> bool:
        """Whether it is the connection of now that speaks."""
        return _CONNECTION.get() == self._number

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._keep_open())
        finally:
            self._last = None

    async def _keep_open(self) -> None:
        failures, before = 0, ""
        while not self._ended.is_set():
            self._fresh, self._logged = False, set()
            why = await self._connection()
            self._last = None
            if self._ended.is_set():
                return
            # The same again and again, such as all night long, is for whoever looks closer.
            again = not self._fresh and str(why) == before
            self._problem = before = str(why)
            logger.log(logging.INFO if again else logging.WARNING, "%s", why)
            if not why.again:
                return
            if self._fresh:
                failures = 0
            elif not isinstance(why, _Silence):
                failures += 1
            patience = self._patience
            bound = min(patience.longest_wait_s, patience.first_wait_s * 2 ** min(failures, 30))
            pause = max(patience.draw.uniform(0, bound), why.retry_after_s or 0)
            await patience.wait(self._closing, pause)

    async def _connection(self) -> Unanswered:
        """Why it ended: it broke off, fell silent, was refused, or was closed."""
        patience, began = self._patience, self._patience.monotonic()
        self._number += 1
        mine = copy_context()
        mine.run(_CONNECTION.set, self._number)
        work: asyncio.Task[object] = self._loop.create_task(self.once(), context=mine)
        closing: asyncio.Task[object] = self._loop.create_task(self._closing.wait())
        why = Unanswered(f"{self._name}'s stream ended; it is opened again.")
        try:
            while not work.done() and not closing.done():
                await asyncio.wait(
                    (work, closing), timeout=patience.look_s, return_when=asyncio.FIRST_COMPLETED
                )
                if patience.monotonic() - (self._last or began) >= patience.silence_s:
                    why = _Silence(
                        f"Nothing was heard on {self._name}'s stream for {patience.silence_s:g} "
                        "seconds: no market may be open. It is opened again."
                    )
                    break
            # A library that cancels what it waits for has hung up, and nobody else cancels it.
            if work.done() and not work.cancelled():
                work.result()
        except Unanswered as error:
            why = error
        except Exception as error:  # noqa: BLE001 - whatever ended it, it is opened again
            why = Unanswered(
                f"{self._name}'s stream broke off ({type(error).__name__}); it is opened again."
            )
        finally:
            self._number += 1
            for task in (work, closing):
                task.cancel()
            await asyncio.wait((work, closing), timeout=HANGING_UP)
            if work.done() and not work.cancelled():
                work.exception()  # taken note of: asyncio would write it down with its traceback
        return why

    def _warn(self, said: str, error: Exception | None = None) -> None:
        """Each sentence once a connection: a feed in disorder must not fill the disk."""
        if said not in self._logged:
            self._logged.add(said)
            logger.warning("%s", said, exc_info=error)
