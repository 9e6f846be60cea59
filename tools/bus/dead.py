"""Messages that nobody could handle, kept in a file of the state folder until a person decides."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tools.domain.errors import NotFound, StateError

CARRIED = 100_000
"""Characters of a message that go along on ``dead.TOPIC``; the file has all of it."""

MOST = 10_000
"""How many are kept; above that the oldest make room, and ``lost`` counts them."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS letters (
    id TEXT PRIMARY KEY, topic TEXT NOT NULL, grouped TEXT NOT NULL, body TEXT NOT NULL,
    error TEXT NOT NULL, attempts INTEGER NOT NULL, at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS lost (number INTEGER NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message, what its last attempt raised, and how many there were.

    ``body`` is the message's text as it came, ``group`` whose handler failed (empty: one of its
    own), ``at`` the wall's moment, aware UTC. ``attempts`` is 0 for what was never JSON.
    """

    id: str
    topic: str
    group: str
    body: str
    error: str
    attempts: int
    at: datetime

    @property
    def payload(self) -> dict[str, object]:
        """What is put on ``dead.TOPIC``."""
        return {
            "id": self.id,
            "topic": self.topic,
            "group": self.group,
            # Room for the rest: with quotes escaped twice the whole could be too large to send.
            "body": self.body[:CARRIED],
            "error": self.error,
            "attempts": self.attempts,
            "at": self.at.isoformat(),
        }


def new_id() -> str:
    """Twelve letters and digits that no other dead letter has."""
    return uuid.uuid4().hex[:12]


class DeadLetters:
    """The file; several processes may use it at once. StateError when it can't be used."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keep(self, letter: DeadLetter) -> None:
        """Add one; durable when it returns."""
        row = (
            letter.id,
            letter.topic,
            letter.group,
            letter.body,
            letter.error,
            letter.attempts,
            letter.at.astimezone(UTC).isoformat(),
        )
        with self._open() as base:
            base.execute("INSERT INTO letters VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            over = base.execute("SELECT count(*) FROM letters").fetchone()[0] - MOST
            if over > 0:
                base.execute(
                    "DELETE FROM letters WHERE rowid IN "
                    "(SELECT rowid FROM letters ORDER BY rowid LIMIT ?)",
                    (over,),
                )
                base.execute("INSERT INTO lost VALUES (?)", (over,))

    def letters(self, topic: str = "") -> tuple[DeadLetter, ...]:
        """All of them, or one topic's, oldest first."""
        if not self._path.exists():
            return ()
        with self._open() as base:
            rows = base.execute(
                "SELECT id, topic, grouped, body, error, attempts, at FROM letters "
                "WHERE ? IN ('', topic) ORDER BY rowid",
                (topic,),
            ).fetchall()
        return tuple(
            DeadLetter(key, topic, group, body, error, attempts, datetime.fromisoformat(at))
            for key, topic, group, body, error, attempts, at in rows
        )

    def find(self, letter_id: str) -> DeadLetter:
        """One of them; NotFound when there is none of that id."""
        for letter in self.letters():
            if letter.id == letter_id:
                return letter
        raise NotFound(
            f"There is no dead letter {letter_id[:40]!r}: `tollgate data dead list` shows them."
        )

    def remove(self, letter_id: str) -> None:
        """Forget one; nothing happens when it is gone."""
        if self._path.exists():
            with self._open() as base:
                base.execute("DELETE FROM letters WHERE id = ?", (letter_id,))

    def lost(self) -> int:
        """How many made room for later ones."""
        if not self._path.exists():
            return 0
        with self._open() as base:
            return int(base.execute("SELECT coalesce(sum(number), 0) FROM lost").fetchone()[0])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=10)) as base, base:
                base.executescript(SCHEMA)
                base.execute("BEGIN IMMEDIATE")
                yield base
        except sqlite3.Error as error:
            raise StateError(
                f"The dead letters in {self._path} can't be used ({error}). Make the folder "
                "writable, or move the file away to begin with none."
            ) from None
