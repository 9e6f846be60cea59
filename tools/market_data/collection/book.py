"""The jobs and the outcome of each run, in a file of SQLite that several processes share."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tools.domain.errors import Conflict, NotFound, StateError
from tools.market_data.collection.job import Job

# A process that has said nothing for so long is taken for dead, and its run for another's.
LEASE = timedelta(minutes=10)
KEPT = 200

_TABLES = """
CREATE TABLE IF NOT EXISTS jobs (name TEXT PRIMARY KEY, job TEXT NOT NULL, since TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS runs (
    name TEXT NOT NULL, due TEXT NOT NULL, token INTEGER NOT NULL, until TEXT NOT NULL,
    started TEXT NOT NULL, ended TEXT, rows INTEGER, gaps INTEGER, seconds REAL, error TEXT,
    PRIMARY KEY (name, due)
);
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a job: due, started and ended (None while it goes on), and what came of it.

    ``gaps`` are bars that the calendar has and the store not; ``error`` is empty when all went
    well.
    """

    name: str
    due: datetime
    started: datetime
    ended: datetime | None
    rows: int | None
    gaps: int | None
    seconds: float | None
    error: str | None


class JobBook:
    """Every method opens the file and closes it; raises StateError when it can't be used."""

    def __init__(self, path: Path) -> None:
        """``path`` is made when the first job is added."""
        self.path = path

    def add(self, job: Job, now: datetime) -> None:
        """Keep a job; what was due before ``now`` is not made up for. Conflict for a name twice."""
        with self._open() as db:
            try:
                db.execute(
                    "INSERT INTO jobs VALUES (?, ?, ?)",
                    (job.name, job.model_dump_json(), _text(now)),
                )
            except sqlite3.IntegrityError:
                raise Conflict(
                    f"there is a job {job.name} already: remove it first, or choose another name"
                ) from None

    def remove(self, name: str) -> None:
        """Forget a job and its runs; NotFound when there is none."""
        with self._open() as db:
            if not db.execute("DELETE FROM jobs WHERE name = ?", (name,)).rowcount:
                raise NotFound(f"there is no job {name}; `tollgate data jobs list` shows all")
            db.execute("DELETE FROM runs WHERE name = ?", (name,))

    def jobs(self) -> tuple[tuple[Job, datetime], ...]:
        """Every job by name, and since when it is there."""
        if not self.path.exists():
            return ()
        with self._open() as db:
            rows = db.execute("SELECT job, since FROM jobs ORDER BY name").fetchall()
        try:
            return tuple((Job.model_validate_json(text), _moment(at)) for text, at in rows)
        except ValueError as error:
            raise StateError(f"a job in {self.path} can't be read ({error}).") from None

    def runs(self, name: str) -> tuple[Run, ...]:
        """The runs of a job that are remembered, newest first."""
        with self._open() as db:
            rows = db.execute(
                "SELECT name, due, started, ended, rows, gaps, seconds, error FROM runs "
                "WHERE name = ? ORDER BY due DESC LIMIT ?",
                (name, KEPT),
            ).fetchall()
        return tuple(
            Run(n, _moment(due), _moment(begun), None if end is None else _moment(end), *rest)
            for n, due, begun, end, *rest in rows
        )

    def claim(self, name: str, due: datetime, now: datetime) -> int | None:
        """The right to do a run that is due, as a token; None when another has it or did it.

        A run whose process has said nothing for ``LEASE`` is given away once more.
        """
        with self._open() as db:
            row = db.execute(
                "SELECT token, until, ended FROM runs WHERE name = ? AND due = ?",
                (name, _text(due)),
            ).fetchone()
            if row is not None and (row[2] is not None or _moment(row[1]) > now):
                return None
            token = 1 if row is None else int(row[0]) + 1
            db.execute(
                "INSERT OR REPLACE INTO runs (name, due, token, until, started) "
                "VALUES (?, ?, ?, ?, ?)",
                (name, _text(due), token, _text(now + LEASE), _text(now)),
            )
            return token

    def renew(self, name: str, due: datetime, token: int, now: datetime) -> None:
        """Say that the run goes on; Conflict when it was given to another meanwhile."""
        self._mine(name, due, token, "until = ?", (_text(now + LEASE),))

    def finish(
        self, name: str, due: datetime, token: int, now: datetime, outcome: tuple[object, ...]
    ) -> None:
        """Keep what came of it: rows, gaps, seconds and error."""
        what = "ended = ?, rows = ?, gaps = ?, seconds = ?, error = ?"
        self._mine(name, due, token, what, (_text(now), *outcome))
        with self._open() as db:
            db.execute(
                "DELETE FROM runs WHERE name = ? AND due NOT IN "
                "(SELECT due FROM runs WHERE name = ? ORDER BY due DESC LIMIT ?)",
                (name, name, KEPT),
            )

    def _mine(
        self, name: str, due: datetime, token: int, change: str, values: tuple[object, ...]
    ) -> None:
        with self._open() as db:
            changed = db.execute(
                f"UPDATE runs SET {change} WHERE name = ? AND due = ? AND token = ?",  # noqa: S608
                (*values, name, _text(due), token),
            ).rowcount
        if not changed:
            raise Conflict(f"the run of {name} was given to another process, or its job removed")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """One transaction, which no other process's can come between."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(self.path, timeout=10, isolation_level=None)
            try:
                db.executescript(f"PRAGMA journal_mode=WAL; {_TABLES}")
                db.execute("BEGIN IMMEDIATE")
                yield db
                db.execute("COMMIT")
            finally:
                db.close()
        except (sqlite3.Error, OSError) as error:
            raise StateError(
                f"the jobs in {self.path} can't be used ({error}). Make it writable, or move the "
                "file away to begin with none."
            ) from None


def _text(moment: datetime) -> str:
    return moment.isoformat()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
