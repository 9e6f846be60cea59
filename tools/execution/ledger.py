"""The journal in one SQLite file: append-only, gapless, each event chained to the one before.

WAL with synchronous=FULL: an event is on the disk when its transaction ends. Any number of threads
and processes may share the file; writers take turns. Each event's own hash is checked whenever it
is read, so a desk stops at an edited line; ``audit.py`` checks the whole chain.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tools.domain.errors import StateError
from tools.execution import sqlite_file
from tools.execution.codec import canonical
from tools.ports import Clock, Event

APPLICATION_ID = 0x544F4C4C  # "TOLL"
GENESIS = "0" * 64

SCHEMA = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY CHECK (seq > 0),
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    order_id TEXT NOT NULL,
    data TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE
) STRICT;
CREATE INDEX events_of_order ON events (order_id, seq);
CREATE TABLE head (only INTEGER PRIMARY KEY CHECK (only = 1), seq INTEGER NOT NULL,
    hash TEXT NOT NULL) STRICT;
INSERT INTO head VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
CREATE TRIGGER events_never_change BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_never_go BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
CREATE TRIGGER events_have_no_gap BEFORE INSERT ON events
    WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events)
    BEGIN SELECT RAISE(ABORT, 'events have no gap'); END;
CREATE TRIGGER head_never_goes BEFORE DELETE ON head
    BEGIN SELECT RAISE(ABORT, 'the head is never deleted'); END;
"""

COLUMNS = "SELECT seq, at, kind, order_id, data, previous, hash FROM events"
# One statement, so that no other process writes between its two halves.
HEAD_AND_LAST = """
SELECT head.seq, head.hash, last.* FROM head LEFT JOIN
    (SELECT seq, at, kind, order_id, data, previous, hash FROM events ORDER BY seq DESC LIMIT 1)
    AS last
"""


def event_hash(seq: int, at: str, kind: str, order_id: str, data: str, previous: str) -> str:
    """SHA-256 of the canonical JSON list of the six; ``data`` is canonical JSON already."""
    front = canonical([seq, at, kind, order_id])[:-1]
    return hashlib.sha256(f"{front},{data},{canonical(previous)}]".encode()).hexdigest()


class SqliteLedger:
    """Implements ``tools.ports.Ledger`` on the file at ``path``; times are ``clock.wall()``.

    Raises StateError, also when made, for a file or folder that can't be trusted or written; such
    a file is never changed.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        """Open the ledger, or make it where there is none."""
        self._path = path
        self._clock = clock
        sqlite_file.create(path, APPLICATION_ID, SCHEMA)
        self._connections = sqlite_file.Connections(path, APPLICATION_ID)
        self._check_end(self._connections.get())

    def events(self, order_id: str | None = None, after: int = 0) -> tuple[Event, ...]:
        """Every event above ``after``, or one order's, oldest first; StateError when unreadable."""
        with sqlite_file.sentences(self._path):
            return _read(self._connections.get(), self._path, order_id, after)

    @contextmanager
    def transaction(self) -> Iterator[SqliteTransaction]:
        """One writer's turn: all or nothing, on the disk when it ends."""
        connection = self._connections.get()
        if connection.in_transaction:
            raise StateError("a transaction of the ledger was begun inside another")
        with sqlite_file.writing(connection, self._path):
            yield SqliteTransaction(connection, self._path, self._clock)

    def close(self) -> None:
        """Close this thread's connection; the next use opens a new one."""
        self._connections.close()

    def _check_end(self, connection: sqlite3.Connection) -> None:
        with sqlite_file.sentences(self._path):
            found = connection.execute(HEAD_AND_LAST).fetchone()
        if found is None:
            raise StateError(f"{self._path} has lost its head; put a sound copy back")
        head, last = found[:2], found[2:]
        end = (0, GENESIS) if last[0] is None else (last[0], _event(last, self._path).hash)
        if head != end:
            raise StateError(
                f"{self._path} ends at event {end[0]}, but {head[0]} events were counted; some "
                "were lost or added. Nothing is sent. Run `tollgate audit verify` and put a sound "
                "copy back"
            )


class SqliteTransaction:
    """Implements ``tools.ports.Transaction``; of use only inside ``SqliteLedger.transaction``."""

    def __init__(self, connection: sqlite3.Connection, path: Path, clock: Clock) -> None:
        """Made by the ledger."""
        self._connection = connection
        self._path = path
        self._clock = clock

    def events(self, order_id: str | None = None, after: int = 0) -> tuple[Event, ...]:
        """Every event above ``after``, or one order's, oldest first."""
        return _read(self._connection, self._path, order_id, after)

    def append(self, kind: str, order_id: str, data: Mapping[str, object]) -> Event:
        """Add one event; StateError when its data can't be written as JSON."""
        if not self._connection.in_transaction:
            raise StateError("this transaction of the ledger has ended")
        try:
            text = canonical(data)
        except (TypeError, ValueError) as error:
            raise StateError(f"a {kind} event has data that can't be written: {error}") from error
        seq, previous = self._connection.execute("SELECT seq, hash FROM head").fetchone()
        seq, kind = seq + 1, str(kind)  # a Kind is written and read back as plain text
        at = self._clock.wall().astimezone(UTC)
        own = event_hash(seq, at.isoformat(), kind, order_id, text, previous)
        self._connection.execute(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)",
            (seq, at.isoformat(), kind, order_id, text, previous, own),
        )
        self._connection.execute("UPDATE head SET seq = ?, hash = ?", (seq, own))
        return Event(seq, at, kind, order_id, json.loads(text), previous, own)


def _read(
    connection: sqlite3.Connection, path: Path, order_id: str | None, after: int
) -> tuple[Event, ...]:
    if order_id is None:
        rows = connection.execute(f"{COLUMNS} WHERE seq > ? ORDER BY seq", (after,))
    else:
        rows = connection.execute(
            f"{COLUMNS} WHERE order_id = ? AND seq > ? ORDER BY seq", (order_id, after)
        )
    return tuple(_event(row, path) for row in rows)


def _event(row: tuple[int, str, str, str, str, str, str], path: Path) -> Event:
    seq, at, kind, order_id, data, previous, own = row
    try:
        if event_hash(seq, at, kind, order_id, data, previous) != own:
            raise ValueError("its hash does not fit")
        return Event(
            seq, datetime.fromisoformat(at), kind, order_id, json.loads(data), previous, own
        )
    except (TypeError, ValueError) as error:
        raise StateError(
            f"event {seq} of {path} was changed after it was written ({error}); nothing is sent. "
            "Run `tollgate audit verify` and put a sound copy back"
        ) from error
