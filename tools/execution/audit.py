"""The verifier of the journal: its own reading of the file, sharing no code with the writer.

Finds edits, deletions, insertions, reordering and broken links. A cut tail is found by the count
kept beside the events, unless that was cut as well; a whole journal written anew with fresh hashes
can't be told from a true one by the file alone. Both need heads signed and kept elsewhere, which
this version doesn't have.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tools.domain.errors import StateError

Row = tuple[Any, ...]
GUARDS = {"events_never_change", "events_never_go", "events_have_no_gap", "head_never_goes"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one event; ``seq`` 0 is the file as a whole."""

    seq: int
    sentence: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The verdict on a journal: ``head`` is the last event's hash, empty when there is none."""

    ok: bool
    events: int
    head: str
    problems: tuple[Problem, ...]

    @property
    def sentence(self) -> str:
        """One line for people."""
        if self.ok:
            return f"{self.events} events, an unbroken chain; the head is {self.head[:16]}."
        return f"{len(self.problems)} problems in {self.events} events; do not trade on this file."


def verify(path: Path) -> AuditReport:
    """Check the journal at ``path`` without changing it; StateError when there is no such file."""
    connection = _open(path)
    try:
        rows = connection.execute(
            "SELECT seq, at, kind, order_id, data, previous, hash FROM events ORDER BY seq"
        ).fetchall()
        problems = [*_chain(rows), *_whole(connection, rows)]
    except sqlite3.DatabaseError as error:
        return AuditReport(False, 0, "", (Problem(0, f"The file can't be read: {error}."),))
    finally:
        connection.close()
    head = str(rows[-1][6]) if rows else ""
    return AuditReport(not problems, len(rows), head, tuple(problems))


def export(path: Path) -> Iterator[str]:
    """Every event as one line of JSON, oldest first, as it stands in the file."""
    connection = _open(path)
    try:
        for seq, at, kind, order_id, data, previous, own in connection.execute(
            "SELECT seq, at, kind, order_id, data, previous, hash FROM events ORDER BY seq"
        ):
            line = {"seq": seq, "at": at, "kind": kind, "order_id": order_id}
            line |= {"data": json.loads(data), "previous": previous, "hash": own}
            yield json.dumps(line, sort_keys=True)
    except (sqlite3.DatabaseError, ValueError) as error:
        raise StateError(
            f"{path} can't be exported: {error}; run `tollgate audit verify`"
        ) from None
    finally:
        connection.close()


def _open(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise StateError(
            f"there is no journal at {path}; nothing was ever written, or it was moved"
        )
    # Without a -wal file all is in the main file, which can then be read from a read-only folder.
    mode = "mode=ro" if path.with_name(path.name + "-wal").exists() else "mode=ro&immutable=1"
    return sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True)


def _chain(rows: list[Row]) -> Iterator[Problem]:
    expected, previous = 1, "0" * 64
    for seq, at, kind, order_id, data, link, own in rows:
        if seq != expected:
            yield Problem(seq, f"Events {expected} to {seq - 1} are missing.")
        if link != previous:
            yield Problem(seq, "The link to the event before is broken: one was changed or moved.")
        if own != _hash(seq, at, kind, order_id, data, link):
            yield Problem(seq, "The event was changed after it was written.")
        elif not _well_formed(at, data):
            yield Problem(seq, "The event is not written the way the desk writes.")
        expected, previous = seq + 1, own


def _whole(connection: sqlite3.Connection, rows: list[Row]) -> Iterator[Problem]:
    last = (rows[-1][0], rows[-1][6]) if rows else (0, "0" * 64)
    head = connection.execute("SELECT seq, hash FROM head").fetchone()
    if head != last:
        counted = head[0] if head else "none"
        yield Problem(last[0], f"The journal ends at event {last[0]}; {counted} were counted.")
    found = {
        row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'")
    }
    for guard in sorted(GUARDS - found):
        yield Problem(0, f"The guard {guard} was removed from the file.")
    for (said,) in connection.execute("PRAGMA integrity_check(5)"):
        if said != "ok":
            yield Problem(0, f"The file is damaged: {said}.")


def _hash(
    seq: object, at: object, kind: object, order_id: object, data: object, link: object
) -> str:
    try:
        parsed = json.loads(str(data))
        text = json.dumps(
            [seq, at, kind, order_id, parsed, link], sort_keys=True, separators=(",", ":")
        )
    except ValueError:
        return ""
    return hashlib.sha256(text.encode()).hexdigest()


def _well_formed(at: object, data: object) -> bool:
    try:
        moment = datetime.fromisoformat(str(at))
    except ValueError:
        return False
    written = json.dumps(json.loads(str(data)), sort_keys=True, separators=(",", ":"))
    return moment.tzinfo is not None and written == data
