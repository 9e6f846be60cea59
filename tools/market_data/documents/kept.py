"""Documents kept as they came, whole and in every version, for what computes on them.

The knowledge index keeps passages to search; here are the documents themselves. Nothing is ever
changed or taken away: a corrected text is a further version, known from when it was known.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from tools.domain.document import Document, DocumentKind
from tools.domain.errors import StateError
from tools.market_data.documents.feed import named_in
from tools.market_data.documents.kept_schema import CONCERNS, FIELDS, INSERT, TABLES
from tools.market_data.symbols import canonical

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EVERY = ""
"""In place of a symbol: whatever a source has."""
NEWS = (DocumentKind.NEWS, DocumentKind.POST)


@dataclass(frozen=True, slots=True)
class Complete:
    """From ``since`` until ``until`` (aware UTC) every document of these sources was kept."""

    since: datetime
    until: datetime
    sources: tuple[str, ...]


class KeptDocuments:
    """The documents of one desk in one file, for any number of processes.

    StateError with a sentence where the file can't be used; one that isn't there is empty.
    """

    def __init__(self, path: Path) -> None:
        """``path`` is made when the first document is kept."""
        self._path = path

    def keep(self, documents: Sequence[Document], now: datetime, feed: str = "") -> int:
        """Keep what was fetched at ``now`` (aware); how many texts were new or corrected.

        A correction that says nothing of when it was made is known from ``now``, and so is what
        ``feed`` did not have when it answered for that time: nobody could have read it there. A
        document that comes again, asked for by another symbol, concerns that one as well.
        """
        if not documents:
            return 0
        with self._writing() as db:
            return sum(_put(db, one, _number(now), feed) for one in documents)

    def answered(
        self, source: str, symbols: Sequence[str], since: datetime, until: datetime
    ) -> None:
        """Note that all that a source has of a span was kept; no symbols stand for all of them."""
        if since >= until:
            return
        rows = [(source, symbol, _number(since), _number(until)) for symbol in symbols or (EVERY,)]
        with self._writing() as db:
            db.executemany("INSERT INTO spans VALUES (?, ?, ?, ?)", rows)

    def first_versions(
        self, symbol: str, as_of: datetime, kinds: Sequence[DocumentKind] = NEWS
    ) -> tuple[Document, ...]:
        """The documents of a symbol as they were first known, at ``as_of`` or before, in order.

        A symbol's are those that its source says so of, and those that name it.
        """
        return self._read(symbol, as_of, kinds, "version = 1", "ASC")

    def latest(
        self, symbol: str, as_of: datetime, limit: int, kinds: Sequence[DocumentKind] = NEWS
    ) -> tuple[Document, ...]:
        """The last ``limit`` of a symbol as they read at ``as_of``, the newest first."""
        newest = (
            "version = (SELECT max(later.version) FROM documents AS later WHERE later.source = "
            "documents.source AND later.key = documents.key AND later.known_at <= :as_of)"
        )
        return self._read(symbol, as_of, kinds, newest, "DESC", limit)

    def complete(self, symbol: str) -> Complete | None:
        """The last stretch of time of which everything was kept; None where there is none.

        Answers that meet or overlap are one stretch, of whichever source.
        """
        with self._reading() as db:
            if db is None:
                return None
            rows = db.execute(
                "SELECT since, until, source FROM spans WHERE symbol IN (?, ?) ORDER BY until DESC",
                (canonical(symbol), EVERY),
            ).fetchall()
        if not rows:
            return None
        since, until, sources = rows[0][0], rows[0][1], set()
        for begins, ends, source in rows:
            if ends < since:
                break
            since = min(since, begins)
            sources.add(source)
        return Complete(_moment(since), _moment(until), tuple(sorted(sources)))

    def _read(
        self,
        symbol: str,
        as_of: datetime,
        kinds: Sequence[DocumentKind],
        which: str,
        order: str,
        limit: int | None = None,
    ) -> tuple[Document, ...]:
        symbol = canonical(symbol)
        named = {f"kind{n}": str(kind) for n, kind in enumerate(kinds)}
        question = (
            f"SELECT {CONCERNS}, {FIELDS} FROM documents WHERE known_at <= :as_of "  # noqa: S608
            f"AND {which} AND kind IN ({', '.join(':' + name for name in named)}) "
            f"AND ({CONCERNS} OR instr(title, :part) OR instr(text, :part)) "
            f"ORDER BY known_at {order}, event_time {order}, source, key"
        )
        part = re.split(r"[./-]", symbol)[0]
        given = {"symbol": symbol, "part": part, "as_of": _number(as_of), **named}
        with self._reading() as db:
            rows: Iterator[tuple[Any, ...]] = iter(())
            if db is not None:
                rows = db.execute(question, given)
            found = (_document(row, symbol) for row in rows)
            return tuple(islice((one for one in found if one is not None), limit))

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, which no other process's can come between."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as db:
                db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {TABLES}")
                db.execute("BEGIN IMMEDIATE")
                yield db
                db.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise self._unusable(error) from None

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        if not self._path.exists():
            yield None
            return
        try:
            with closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as db:
                db.executescript(TABLES)
                yield db
        except (sqlite3.Error, OSError, ValueError) as error:
            raise self._unusable(error) from None

    def _unusable(self, error: Exception) -> StateError:
        return StateError(
            f"The kept documents in {self._path} can't be used ({error}). Make the file writable, "
            "or move it away and fetch them again."
        )


def _put(db: sqlite3.Connection, one: Document, now: int, feed: str) -> bool:
    """Whether it was a version that was not there."""
    digest = hashlib.sha256(f"{one.title}\0{one.text}".encode("utf-8", "replace")).hexdigest()
    place = (one.source, one.key)
    last = db.execute(
        "SELECT version, digest, known_at FROM documents WHERE source = ? AND key = ? "
        "ORDER BY version DESC LIMIT 1",
        place,
    ).fetchone()
    concerned = [(*place, symbol) for symbol in one.symbols]
    db.executemany("INSERT OR IGNORE INTO concerns VALUES (?, ?, ?)", concerned)
    if last is not None and last[1] == digest:
        return False
    known = min(_number(one.known_at), now)
    if last is not None and known <= last[2]:
        known = max(now, last[2] + 1)
    elif last is None and _late(db, one, known, feed):
        known = now
    row = (
        *place, 1 if last is None else last[0] + 1, digest, known, now, str(one.kind), one.title,
        one.text, one.url, _number(one.event_time), json.dumps(one.symbols), one.author,
        one.company, one.form, one.fiscal_year,
    )  # fmt: skip
    db.execute(INSERT, tuple(_storable(value) for value in row))
    return True


def _late(db: sqlite3.Connection, one: Document, known: int, feed: str) -> bool:
    """Whether the feed answered for that moment before, without this document."""
    asked = (EVERY, *one.symbols)
    row = db.execute(
        f"SELECT 1 FROM spans WHERE source = ? AND symbol IN ({', '.join('?' * len(asked))}) "  # noqa: S608
        "AND since <= ? AND ? <= until LIMIT 1",
        (feed, *asked, known, known),
    ).fetchone()
    return row is not None


def _document(row: tuple[Any, ...], symbol: str) -> Document | None:
    """As it was kept, with the symbol that it was found by; None where it doesn't name that."""
    concerned, key, source, kind, title, text, url, event, known, symbols, *rest = row
    if not concerned and not named_in(f"{title}\n{text}", (symbol,)):
        return None
    named = tuple(dict.fromkeys((*json.loads(symbols), symbol)))
    what, moments = DocumentKind(kind), (_moment(event), _moment(known))
    return Document(key, source, what, title, text, url, *moments, named, *rest)


def _storable(value: object) -> object:
    """A text without halves of signs, which no file of UTF-8 can hold."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _number(moment: datetime) -> int:
    """Microseconds UTC."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(number: int) -> datetime:
    return _EPOCH + timedelta(microseconds=number)
