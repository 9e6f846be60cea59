"""The journal's rows in one SQLite file: WAL, synchronous=FULL, one writer at a time."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.execution import sqlite_file
from tools.execution.chain import Row
from tools.execution.ledger_schema import APPLICATION_ID, LEASE_AND_HEADS, SCHEMA, VERSION
from tools.execution.sqlite_line import Line
from tools.execution.store import End, HeadRow, LeaseRow

COLUMNS = "SELECT seq, at, kind, order_id, data, previous, hash FROM events"
# One statement, so that no other process writes between its two halves.
ENDS = """
SELECT head.seq, head.hash, head.seal, last.* FROM head LEFT JOIN
    (SELECT seq, at, kind, order_id, data, previous, hash FROM events ORDER BY seq DESC LIMIT 1)
    AS last
"""
# By how many rows they insert, the most first: few, for each is prepared once.
INSERTS = {
    size: " ".join(("INSERT INTO events VALUES", ", ".join(["(?, ?, ?, ?, ?, ?, ?)"] * size)))
    for size in (64, 32, 16, 8, 4, 2, 1)
}
LEASE = "SELECT token, holder, until, seconds FROM lease"


class SqliteStore:
    """Implements ``tools.execution.store.Store`` on the file at ``path``."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it where there is none; one of an older version is extended."""
        self._path = path
        sqlite_file.create(path, APPLICATION_ID, SCHEMA)
        self._readers = sqlite_file.Connections(path, APPLICATION_ID)
        self._writer = sqlite_file.Connection(path, APPLICATION_ID)
        self._line = Line(path)
        self._extend()

    @property
    def where(self) -> str:
        """The file's path."""
        return str(self._path)

    def writer(self) -> sqlite3.Connection:
        """The connection that every writer of this process uses in its turn."""
        return self._writer.get()

    def ends(self) -> tuple[End | None, Row | None]:
        """The head and the last event, as of one moment."""
        with sqlite_file.sentences(self._path):
            found = self._readers.get().execute(ENDS).fetchone()
        if found is None:
            return None, None
        return End(*found[:3]), None if found[3] is None else found[3:]

    def read(self, order_id: str | None, after: int) -> Sequence[Row]:
        """The committed rows above ``after``, or one order's, oldest first."""
        with sqlite_file.sentences(self._path):
            return _rows(self._readers.get(), order_id, after)

    def lease_now(self) -> LeaseRow:
        """The lease as last committed."""
        with sqlite_file.sentences(self._path):
            return LeaseRow(*self._readers.get().execute(LEASE).fetchone())

    def presence(self, token: int) -> FilePresence | None:
        """The lock that the holder of ``token`` keeps while it lives; None when it does."""
        file = self._path.with_name(f".{self._path.name}.lease-{token:d}")
        with sqlite_file.sentences(self._path):
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BaseException as error:
                os.close(descriptor)
                if isinstance(error, BlockingIOError):
                    return None
                raise
        return FilePresence(file, descriptor)

    def begin(self) -> End:
        """BEGIN IMMEDIATE; where the journal ends."""
        with sqlite_file.sentences(self._path):
            connection = self._writer.get()
            self._line.enter()
            try:
                connection.execute("BEGIN IMMEDIATE")
                return End(*connection.execute("SELECT seq, hash, seal FROM head").fetchone())
            except BaseException:
                self.rollback()
                raise

    def select(self, order_id: str | None, after: int) -> Sequence[Row]:
        """Like ``read``, by the writer."""
        with sqlite_file.sentences(self._path):
            return _rows(self._writer.get(), order_id, after)

    def lease(self) -> LeaseRow:
        """The lease, by the writer."""
        with sqlite_file.sentences(self._path):
            return LeaseRow(*self._writer.get().execute(LEASE).fetchone())

    def last_head(self) -> HeadRow | None:
        """The newest published head, by the writer; None before the first."""
        with sqlite_file.sentences(self._path):
            newest = "SELECT n, line, peaks FROM heads ORDER BY n DESC LIMIT 1"
            row = self._writer.get().execute(newest).fetchone()
            return None if row is None else HeadRow(*row)

    def hashes(self, after: int) -> Iterator[str]:
        """Every event's hash above ``after``, oldest first, by the writer."""
        with sqlite_file.sentences(self._path):
            every = "SELECT hash FROM events WHERE seq > ? ORDER BY seq"
            for (own,) in self._writer.get().execute(every, (after,)):
                yield own

    def commit(
        self,
        rows: Sequence[Row],
        seal: str = "",
        lease: LeaseRow | None = None,
        heads: Sequence[HeadRow] = (),
    ) -> None:
        """Write all of it and COMMIT: on the disk on return, or rolled back."""
        try:
            with sqlite_file.sentences(self._path):
                connection = self._writer.get()
                if rows:
                    _insert(connection, rows)
                    end = (rows[-1][0], rows[-1][6], seal)
                    connection.execute("UPDATE head SET seq = ?, hash = ?, seal = ?", end)
                elif seal:
                    connection.execute("UPDATE head SET seal = ?", (seal,))
                if lease is not None:
                    connection.execute(
                        "UPDATE lease SET token = ?, holder = ?, until = ?, seconds = ?",
                        (lease.token, lease.holder, lease.until, lease.seconds),
                    )
                for head in heads:
                    connection.execute(
                        "INSERT INTO heads VALUES (?, ?, ?)", (head.n, head.line, head.peaks)
                    )
                connection.execute("COMMIT")
        except BaseException:
            self.rollback()
            raise
        self._line.leave()

    def rollback(self) -> None:
        """End the writer's turn with nothing written."""
        self._writer.abandon()
        self._line.leave()

    def close(self) -> None:
        """Close this thread's connection and the writer's."""
        self._readers.close()
        self._writer.close()

    def _extend(self) -> None:
        connection = self._writer.get()
        with sqlite_file.sentences(self._path):
            version = "PRAGMA user_version"
            if connection.execute(version).fetchone()[0] >= VERSION:
                return
            connection.execute("BEGIN IMMEDIATE")
            if connection.execute(version).fetchone()[0] < VERSION:
                for statement in _statements(LEASE_AND_HEADS):
                    connection.execute(statement)
            connection.execute("COMMIT")


class FilePresence:
    """A lock on a file that ends with the process; implements ``store.Presence``."""

    def __init__(self, file: Path, descriptor: int) -> None:
        """The lock is held."""
        self._file, self._descriptor = file, descriptor

    def end(self) -> None:
        """Remove the file and let go of the lock; a token's file is never used again."""
        self._file.unlink(missing_ok=True)
        os.close(self._descriptor)


def _rows(connection: sqlite3.Connection, order_id: str | None, after: int) -> Sequence[Row]:
    if order_id is None:
        return connection.execute(f"{COLUMNS} WHERE seq > ? ORDER BY seq", (after,)).fetchall()
    return connection.execute(
        f"{COLUMNS} WHERE order_id = ? AND seq > ? ORDER BY seq", (order_id, after)
    ).fetchall()


def _insert(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Many rows a statement, since every statement gives way to the process's other threads."""
    done = 0
    for size, statement in INSERTS.items():
        while len(rows) - done >= size:
            values = [value for row in rows[done : done + size] for value in row]
            connection.execute(statement, values)
            done += size


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: ``executescript`` would commit before it."""
    whole = ""
    for part in script.split(";"):
        whole += part + ";"
        if sqlite3.complete_statement(whole):
            yield whole
            whole = ""
