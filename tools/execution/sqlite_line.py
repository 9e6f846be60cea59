"""The processes that write one SQLite file stand in line, so that none of them waits for long.

SQLite itself has no line: who finds the file locked sleeps and tries again, and a process under
load takes it anew before the others wake. Nothing but fairness hangs on this: whoever can't stand
in line goes on without, and BEGIN IMMEDIATE still lets one writer in at a time.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

# How long to stand in line before trying without, and how often to look, in seconds.
PATIENCE_S = 1.0
LOOK_S = 0.0005


class Line:
    """One process's place: two locks on files beside the database, of who writes and who is next.

    The kernel lets go of the locks of a process that dies.
    """

    def __init__(self, path: Path) -> None:
        """``path`` is the database's."""
        self._next = _Lock(path.with_name(f".{path.name}.next"))
        self._turn = _Lock(path.with_name(f".{path.name}.turn"))

    def enter(self) -> None:
        """Wait until it is this process's turn, for a while; goes on without when it can't be."""
        end = time.monotonic() + PATIENCE_S
        self._next.take(end)
        try:
            # Who is next waits here: so who had the turn can't take it again before them.
            self._turn.take(end)
        finally:
            self._next.release()

    def leave(self) -> None:
        """Let the next one in; nothing happens when it is not this process's turn."""
        self._turn.release()


class _Lock:
    """A lock on a file, between processes and between those who open it in one process."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._held: tuple[int, int] | None = None

    def take(self, end: float) -> None:
        """Wait for it until ``end`` (monotonic seconds)."""
        self.release()
        try:
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            return
        try:
            while not _locked(descriptor):
                if time.monotonic() >= end:
                    os.close(descriptor)
                    return
                time.sleep(LOOK_S)
        except BaseException as error:
            os.close(descriptor)
            if not isinstance(error, OSError):
                raise
            return
        self._held = os.getpid(), descriptor

    def release(self) -> None:
        """Let go of it, if it was had."""
        held, self._held = self._held, None
        if held is not None:
            process, descriptor = held
            if process == os.getpid():  # a child has its parent's descriptor, and not its turn
                fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
