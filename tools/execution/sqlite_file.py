"""Opening a SQLite file: a broken one is left alone, a new one appears whole or not at all."""

from __future__ import annotations

import os
import sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.domain.errors import StateError

# How long one process waits for another's transaction before it says so, in milliseconds.
BUSY_MS = 5_000
# The files that this process has looked at: process, device, inode.
_LOOKED_AT: set[tuple[int, int, int]] = set()
_LOOKING = threading.Lock()


def create(path: Path, application_id: int, schema: str) -> None:
    """Make the file if there is none, under its final name only when it is complete.

    An empty file under that name is therefore never ours: it is a torn one, and stays as it is.
    """
    if path.exists():
        return
    with sentences(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        try:
            connection = sqlite3.connect(draft, isolation_level=None)
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=FULL")
                connection.executescript(f"BEGIN; {schema}; COMMIT;")
                connection.execute(f"PRAGMA application_id={application_id:d}")
            finally:
                connection.close()
            try:
                os.link(draft, path)
            except FileExistsError:
                return  # another process was faster; its file is as good
        finally:
            draft.unlink(missing_ok=True)


def connect(path: Path, application_id: int) -> sqlite3.Connection:
    """A connection with WAL, FULL and the busy time-out; raises StateError for a foreign file."""
    with sentences(path):
        _look_at(path, application_id)
        connection = sqlite3.connect(
            path, isolation_level=None, timeout=BUSY_MS / 1000, check_same_thread=False
        )
        try:
            if connection.execute("PRAGMA application_id").fetchone()[0] != application_id:
                raise StateError(_untrusted(path, "another program made it"))
            connection.execute(f"PRAGMA busy_timeout={BUSY_MS:d}")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA trusted_schema=OFF")
            if connection.execute("PRAGMA journal_mode=WAL").fetchone()[0] != "wal":
                raise StateError(_untrusted(path, "it can't be written safely on this disk"))
        except BaseException:
            connection.close()
            raise
        return connection


def _look_at(path: Path, application_id: int) -> None:
    """Look at a file before SQLite does, for opening a broken one may already change it.

    Only before the first connection of this process: whoever closes any handle of a file gives up
    all POSIX locks that the process has on it, and with them SQLite's proof that it is in use.
    Another process would then take the journal away beneath the connections that are open here.
    """
    found = path.stat()
    if not found.st_size:
        raise StateError(_untrusted(path, "it is empty"))
    identity = (os.getpid(), found.st_dev, found.st_ino)
    with _LOOKING:
        if identity in _LOOKED_AT:
            return
        with path.open("rb") as file:
            head = file.read(100)
        if len(head) < 100 or not head.startswith(b"SQLite format 3\x00"):
            raise StateError(_untrusted(path, "it is no SQLite file"))
        if int.from_bytes(head[68:72], "big") != application_id:
            raise StateError(_untrusted(path, "another program made it"))
        _LOOKED_AT.add(identity)


class Connection:
    """The connection to the file at ``path``, made when it is first needed.

    It is not inherited by a child process, and does not outlive its file: when that was moved,
    deleted or replaced, StateError is raised instead of writing where nobody will ever look.
    """

    def __init__(self, path: Path, application_id: int) -> None:
        """Nothing is opened when made."""
        self._path = path
        self._application_id = application_id
        self._open: sqlite3.Connection | None = None
        self._identity = (0, 0, 0)

    def get(self) -> sqlite3.Connection:
        """The connection, for one thread at a time."""
        with sentences(self._path):
            found = self._path.stat()
        identity = (os.getpid(), found.st_dev, found.st_ino)
        if self._open is None or self._identity[0] != identity[0]:
            self._open = connect(self._path, self._application_id)
            self._identity = identity
        elif self._identity != identity:
            raise StateError(_untrusted(self._path, "it was replaced while in use; start again"))
        return self._open

    def abandon(self) -> None:
        """Roll back what is open, whatever state it is in; never raises."""
        if self._open is not None and self._open.in_transaction:
            try:
                self._open.execute("ROLLBACK")
            except sqlite3.Error:
                self.close()  # SQLite rolls back what a closed connection left

    def close(self) -> None:
        """Close it; the next ``get`` opens another."""
        if self._open is not None:
            self._open.close()
        self._open = None


class Connections:
    """A ``Connection`` for each thread."""

    def __init__(self, path: Path, application_id: int) -> None:
        """Nothing is opened when made."""
        self._path = path
        self._application_id = application_id
        self._threads = threading.local()

    def get(self) -> sqlite3.Connection:
        """This thread's connection."""
        return self._mine().get()

    def close(self) -> None:
        """Close this thread's connection; the next ``get`` opens another."""
        self._mine().close()

    def _mine(self) -> Connection:
        mine: Connection | None = getattr(self._threads, "connection", None)
        if mine is None:
            mine = self._threads.connection = Connection(self._path, self._application_id)
        return mine


@contextmanager
def writing(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """BEGIN IMMEDIATE to COMMIT: one writer at a time; any error rolls all of it back."""
    with sentences(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def sentences(path: Path) -> Iterator[None]:
    """Turn what SQLite and the disk say into a StateError with a sentence."""
    try:
        yield
    except sqlite3.OperationalError as error:
        said = str(error)
        if "locked" in said or "busy" in said:
            raise StateError(
                f"{path} is held by another process for more than {BUSY_MS // 1000} s; "
                "wait for it or stop it, then try again"
            ) from error
        raise StateError(_unusable(path, said)) from error
    except sqlite3.DatabaseError as error:
        raise StateError(_untrusted(path, str(error))) from error
    except OSError as error:
        raise StateError(_unusable(path, error.strerror or str(error))) from error


def _untrusted(path: Path, why: str) -> str:
    return (
        f"{path} can't be trusted ({why}); it was left as it is and nothing is sent. Put a sound "
        "copy back, or move the file away to start with an empty one"
    )


def _unusable(path: Path, why: str) -> str:
    return (
        f"{path} can't be read or written ({why}); nothing is sent. Check that the folder is "
        "there, writable and not full"
    )
