"""Other processes of this machine, each with a pipe of its own.

Not ``concurrent.futures``: there one death ends all, and nobody can tell which run it was.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import TypeVar

from tools.backtest.search.task import Answer, Task
from tools.backtest.search.worker import Worker
from tools.backtest.search.workers.again import Again, Say
from tools.domain.errors import ConfigError, TradingError

S = TypeVar("S")
Opener = Callable[[S], Worker]
PATIENCE_S = 5.0


@dataclass(slots=True, eq=False)
class _One:
    process: BaseProcess
    pipe: Connection
    task: Task | None = None


class Processes:
    """``count`` fresh interpreters, so that a run there is the same as one begun by hand."""

    def __init__(self, opener: Opener[S], settings: S, count: int, say: Say) -> None:
        """``opener`` is a function of a module, for the others import it by its name."""
        self._opener, self._settings, self._say = opener, settings, say
        self._count = count
        self._all: list[_One] = []
        self._context = multiprocessing.get_context("spawn")

    @property
    def described(self) -> str:
        """How many."""
        return f"{self._count} processes"

    def answers(self, tasks: Iterator[Task]) -> Iterator[Answer]:
        """As they are ready."""
        queue = Again(tasks, self._say)
        try:
            while True:
                self._hand_out(queue)
                busy = {one.pipe: one for one in self._all if one.task is not None}
                if not busy:
                    return
                for pipe in wait(list(busy)):
                    one = busy[pipe]  # type: ignore[index]
                    answer = self._heard(one, queue)
                    if answer is not None:
                        yield answer
        finally:
            self.close()

    def close(self) -> None:
        """End every process; each has time to put its own things away."""
        for one in self._all:
            one.pipe.close()  # who waits for a task ends by that
            if one.task is not None:
                one.process.terminate()
        for one in self._all:
            one.process.join(PATIENCE_S)
            if one.process.is_alive():
                one.process.kill()
                one.process.join()
        self._all.clear()

    def _hand_out(self, queue: Again) -> None:
        """A task for each who is free; a process is started only for somebody's task."""
        free = [one for one in self._all if one.task is None]
        while free or len(self._all) < self._count:
            task = queue.next()
            if task is None:
                return
            one = free.pop() if free else self._started()
            one.task = task
            with suppress(BrokenPipeError):  # it died: the pipe says so when it is read
                one.pipe.send(task)

    def _heard(self, one: _One, queue: Again) -> Answer | None:
        task, one.task = one.task, None
        try:
            return one.pipe.recv()  # type: ignore[no-any-return]
        except (EOFError, ConnectionResetError):
            self._all.remove(one)
            one.pipe.close()
            one.process.join()
        if task is None:
            return None
        code = one.process.exitcode or 0
        name = f"by {signal.Signals(-code).name}" if code < 0 else f"with status {code}"
        return queue.died(task, f"its process was ended {name}")

    def _started(self) -> _One:
        mine, its = self._context.Pipe()
        process = self._context.Process(
            target=_serve, args=(its, self._opener, self._settings), daemon=True
        )
        try:
            with _undisturbed():
                process.start()
        except OSError as error:
            raise ConfigError(
                f"another process can't be started ({error.strerror or error}): use fewer, such as "
                "--workers 1"
            ) from None
        its.close()
        self._all.append(_One(process, mine))
        return self._all[-1]


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Whoever is started meanwhile hears no Ctrl-C until it says what to do with one.

    A terminal sends it to all, and an interpreter that is still beginning ends in a traceback.
    """
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # which starting does too, and then hears Ctrl-C again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _last_words() -> Iterator[None]:
    """What ends the process must not end its tidying up."""
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _serve(pipe: Connection, opener: Opener[S], settings: S) -> None:
    """The other end. Ctrl-C is for whoever began the search: it ends this process itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    sys.stdout = sys.stderr  # the document's place is no place for what a strategy prints
    # As an exception, so that folders made for the run are removed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with (
        suppress(EOFError, BrokenPipeError, ConnectionResetError, KeyboardInterrupt),
        _last_words(),
    ):
        task = pipe.recv()
        try:
            worker = opener(settings)
        except TradingError as error:
            pipe.send(Answer(task.number, fault=f"A worker can't begin: {error}"))
            return
        while True:
            pipe.send(worker.play(task))
            task = pipe.recv()
