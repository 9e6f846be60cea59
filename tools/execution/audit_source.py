"""Where the verifier reads from: the raw columns of a journal, as of one moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from tools.domain.errors import StateError

Row = tuple[Any, ...]
COLUMNS = "SELECT seq, at, kind, order_id, data, previous, hash FROM events"
GUARDS = {"events_never_change", "events_never_go", "events_have_no_gap", "head_never_goes"}
LATER_GUARDS = {
    "heads_never_change",
    "heads_never_go",
    "heads_have_no_gap",
    "lease_never_goes",
    "lease_token_never_falls",
}


class Unreadable(Exception):
    """The database answers, but not with a journal; the text says what it said."""


class Source(Protocol):
    """One reading of one journal; every method but ``close`` may raise Unreadable."""

    def rows(self) -> Iterator[Row]:
        """seq, at, kind, order_id, data, previous and hash of every event, by seq."""
        ...

    def counted(self) -> Row | None:
        """The number and hash of the last event as counted beside the events, and their seal."""
        ...

    def heads(self) -> list[str]:
        """The lines of the published heads, oldest first."""
        ...

    def faults(self) -> Iterator[str]:
        """What is wrong with the database itself, in sentences."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class SqliteSource:
    """Implements ``Source`` on a file, which it opens for reading only."""

    def __init__(self, path: Path) -> None:
        """StateError when there is no such file."""
        if not path.is_file():
            raise StateError(
                f"there is no journal at {path}; nothing was ever written, or it was moved"
            )
        # Without a -wal file all is in the main file, which can be read from a read-only folder.
        mode = "mode=ro" if path.with_name(path.name + "-wal").exists() else "mode=ro&immutable=1"
        self._connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?{mode}", uri=True, isolation_level=None
        )
        try:
            self._connection.execute("BEGIN")
        except sqlite3.DatabaseError:
            self._connection.close()
            raise

    def rows(self) -> Iterator[Row]:
        """Every event, by seq."""
        # Past the index, whose order the file could lie about.
        yield from self._ask(f"{COLUMNS} ORDER BY seq")

    def counted(self) -> Row | None:
        """The row beside the events."""
        row = next(self._ask("SELECT * FROM head"), None)
        # The first column is the key; a file from before there were heads has no seal either.
        return None if row is None else (*row[1:], "")[:3]

    def heads(self) -> list[str]:
        """The lines of the published heads; none in a file from before there were any."""
        if "heads" not in self._names("table"):
            return []
        return [str(line) for (line,) in self._ask("SELECT line FROM heads ORDER BY n")]

    def faults(self) -> Iterator[str]:
        """Guards that were removed, and what SQLite finds damaged."""
        wanted = GUARDS | (LATER_GUARDS if "heads" in self._names("table") else set())
        for guard in sorted(wanted - self._names("trigger")):
            yield f"The guard {guard} was removed from the file."
        for (said,) in self._ask("PRAGMA integrity_check(5)"):
            if said != "ok":
                yield f"The file is damaged: {said}."

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _names(self, kind: str) -> set[str]:
        named = "SELECT name FROM sqlite_master WHERE type = ?"
        return {name for (name,) in self._ask(named, kind)}

    def _ask(self, query: str, *values: str) -> Iterator[Row]:
        try:
            yield from self._connection.execute(query, values)
        except sqlite3.DatabaseError as error:
            raise Unreadable(str(error)) from error
