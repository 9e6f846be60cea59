"""Ways to falsify a ledger, each as clever as one can be without the signing key.

Whoever tampers can write the database, its guards, the heads file and the public key beside it, and
knows how events are chained. What they lack is the private key.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tools.execution import audit
from tools.execution.chain import GENESIS, event_hash
from tools.execution.ledger import SqliteLedger

EVENTS = 40
SIGNED_EVERY = 7
TEXTS = ("at", "kind", "order_id", "data", "previous", "hash")


@dataclass
class Evidence:
    """A copy of a ledger to falsify: its database, its heads file, and chance."""

    database: sqlite3.Connection
    heads: Path
    rng: random.Random

    def any_seq(self, least: int = 1) -> int:
        """The number of some event."""
        return self.rng.randint(least, EVENTS)

    def run(self, sql: str, *values: object) -> None:
        """Change the database."""
        self.database.execute(sql, values)

    def chain_anew(self, first: int = 1) -> None:
        """Number, link and hash all events from ``first`` on as the desk would, and count them."""
        rows = self.database.execute("SELECT * FROM events ORDER BY seq").fetchall()
        previous = rows[first - 2][6] if first > 1 else GENESIS
        self.run("DELETE FROM events WHERE seq >= ?", rows[first - 1][0])
        for seq, (_, at, kind, order_id, data, *_) in enumerate(rows[first - 1 :], first):
            own = event_hash(seq, at, kind, order_id, data, previous)
            self.run(
                "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)",
                *(seq, at, kind, order_id, data, previous, own),
            )
            previous = own
        self.count()

    def count(self) -> None:
        """Let the count beside the events say where they end now."""
        last = self.database.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1")
        self.run("UPDATE head SET seq = ?, hash = ?", *last.fetchone())


def _other(rng: random.Random, text: str) -> str:
    spot = rng.randrange(len(text))
    return text[:spot] + rng.choice([c for c in '0aZ {}"' if c != text[spot]]) + text[spot + 1 :]


def edit(e: Evidence) -> None:
    """Change one character of any column."""
    column, seq = e.rng.choice(TEXTS), e.any_seq()
    (text,) = e.database.execute(f"SELECT {column} FROM events WHERE seq = ?", (seq,)).fetchone()  # noqa: S608
    e.run(f"UPDATE events SET {column} = ? WHERE seq = ?", _other(e.rng, text), seq)  # noqa: S608


def edit_and_chain(e: Evidence) -> None:
    """Change what an event says, and make every hash after it fit."""
    seq = e.any_seq()
    e.run("UPDATE events SET data = ? WHERE seq = ?", f'{{"n":{e.rng.randrange(10**6)}}}', seq)
    e.chain_anew(seq)


def delete(e: Evidence) -> None:
    """Take one event out."""
    e.run("DELETE FROM events WHERE seq = ?", e.any_seq())


def delete_and_chain(e: Evidence) -> None:
    """Take one event out and close the gap."""
    e.run("DELETE FROM events WHERE seq = ?", e.rng.randint(2, EVENTS - 1))
    e.chain_anew()


def insert(e: Evidence) -> None:
    """Put one more in, with every hash made to fit."""
    seq = e.any_seq()
    e.run("UPDATE events SET seq = seq + 1000 WHERE seq > ?", seq)
    e.run(
        "INSERT INTO events SELECT seq + 1, at, kind, 'smuggled', data, hash, '' FROM events "
        "WHERE seq = ?",
        seq,
    )
    e.chain_anew()


def add(e: Evidence) -> None:
    """Add an event at the end, chained and counted as the desk would."""
    e.run(
        "INSERT INTO events SELECT seq + 1, at, kind, 'smuggled', data, hash, '' FROM events "
        "WHERE seq = ?",
        EVENTS,
    )
    e.chain_anew(EVENTS + 1)
    if e.rng.random() < 0.5:
        e.run("UPDATE head SET seal = ?", e.rng.choice(["", "00" * 64]))


def reorder(e: Evidence) -> None:
    """Let two neighbours change places; half of the time with every hash made to fit."""
    seq = e.any_seq(2)
    e.run("UPDATE events SET seq = seq + 1000 WHERE seq = ?", seq)
    e.run("UPDATE events SET seq = seq + 1 WHERE seq = ?", seq - 1)
    e.run("UPDATE events SET seq = seq - 1001 WHERE seq = ?", seq + 1000)
    if e.rng.random() < 0.5:
        e.chain_anew()


def cut_tail(e: Evidence) -> None:
    """Cut the newest events, with their count and with the database's note of their heads."""
    left = e.rng.randint(1, EVENTS - 1)
    e.run("DELETE FROM events WHERE seq > ?", left)
    e.count()
    if e.rng.random() < 0.8:
        e.run("DELETE FROM heads WHERE json_extract(line, '$.size') > ?", left)


def rewrite(e: Evidence) -> None:
    """Write the whole journal anew with other times and fresh hashes."""
    e.run(
        "UPDATE events SET at = ?",
        datetime(2020, 1, 1, e.rng.randrange(24), tzinfo=UTC).isoformat(),
    )
    e.chain_anew()


def fork(e: Evidence) -> None:
    """Go on from an earlier event with another story of the same length."""
    e.run("UPDATE events SET order_id = 'other' WHERE seq >= ?", e.any_seq())
    e.chain_anew()


def edit_head(e: Evidence) -> None:
    """Change one character of a signed head, in the file or in both places."""
    lines = e.heads.read_text().splitlines()
    n = e.rng.randrange(len(lines))
    changed = _other(e.rng, lines[n])
    if e.rng.random() < 0.5:
        e.run("UPDATE heads SET line = ? WHERE n = ?", changed, n + 1)
    lines[n] = changed
    e.heads.write_text("".join(f"{line}\n" for line in lines))


def move_heads(e: Evidence) -> None:
    """Remove, repeat or swap lines of the heads file, or remove the file."""
    lines = e.heads.read_text().splitlines(keepends=True)
    n = e.rng.randrange(len(lines))
    kind = e.rng.randrange(5)
    if kind == 0:
        e.heads.unlink()
        return
    if kind == 1:
        del lines[n:]
    elif kind == 2:
        del lines[n]
    elif kind == 3:
        lines.insert(n, lines[n])
    else:
        n = max(n, 1)
        lines[n - 1], lines[n] = lines[n], lines[n - 1]
    e.heads.write_text("".join(lines))


def forget_heads(e: Evidence) -> None:
    """Remove the database's note of two heads or more."""
    count = e.database.execute("SELECT count(*) FROM heads").fetchone()[0]
    e.run("DELETE FROM heads WHERE n > ?", e.rng.randint(0, count - 2))


def sign_with_own_key(e: Evidence) -> None:
    """Write all anew, signed with a key of one's own that is put beside it."""
    folder = e.heads.parent.parent
    e.run("UPDATE events SET order_id = 'other' WHERE seq >= ?", e.any_seq())
    e.chain_anew()
    e.run("DELETE FROM heads")
    e.run("UPDATE head SET seal = ''")
    e.database.commit()
    e.heads.unlink()
    for file in (folder / "keys").iterdir():
        file.unlink()
    ledger = SqliteLedger(folder / "ledger.db", _Ticking())
    ledger.publish()
    ledger.close()


WAYS: tuple[Callable[[Evidence], None], ...] = (
    edit,
    edit_and_chain,
    delete,
    delete_and_chain,
    insert,
    add,
    reorder,
    cut_tail,
    rewrite,
    fork,
    edit_head,
    move_heads,
    forget_heads,
    sign_with_own_key,
)


@dataclass
class Found:
    """How many of the tampered ledgers were found, by the way they were tampered with."""

    tried: dict[str, int] = field(default_factory=dict)
    missed: list[tuple[str, int]] = field(default_factory=list)

    @property
    def found(self) -> int:
        """How many, in all."""
        return sum(self.tried.values()) - len(self.missed)


class _Ticking:
    """A clock that goes on by a second whenever it is looked at."""

    def __init__(self) -> None:
        self._at = datetime(2026, 1, 5, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.wall()

    def wall(self) -> datetime:
        self._at += timedelta(seconds=1)
        return self._at


def tampers(n: int, folder: Path, seed: int = 7) -> Found:
    """Tamper ``n`` times, each with a fresh copy under ``folder``, and count what is found.

    ``missed`` names the way and the seed of each that was not.
    """
    original, copy = folder / "original", folder / "copy"
    ledger = SqliteLedger(original / "ledger.db", _Ticking())
    for seq in range(1, EVENTS + 1):
        with ledger.transaction() as tx:
            tx.append("kind", f"o{seq % 3}", {"n": seq, "deep": {"b": [1], "a": None}})
        if seq % SIGNED_EVERY == 0:
            ledger.publish()
    ledger.close()
    auditors = original / "keys" / "ledger.pub"
    if not audit.verify(original / "ledger.db", key=auditors).ok:
        raise AssertionError("the untouched ledger is not in order")  # else nothing is proved
    result = Found()
    for number in range(n):
        way = WAYS[number % len(WAYS)]
        shutil.copytree(original, copy)
        _falsify(copy, way, random.Random(seed * 1_000_003 + number))  # noqa: S311
        result.tried[way.__name__] = result.tried.get(way.__name__, 0) + 1
        if audit.verify(copy / "ledger.db", key=auditors).ok:
            result.missed.append((way.__name__, number))
        shutil.rmtree(copy)
    return result


def _falsify(folder: Path, way: Callable[[Evidence], None], rng: random.Random) -> None:
    """Take the guards off, tamper, and put them back."""
    database = sqlite3.connect(folder / "ledger.db")
    database.execute("PRAGMA synchronous=OFF")
    guards = database.execute("SELECT name, sql FROM sqlite_master WHERE type='trigger'").fetchall()
    for name, _ in guards:
        database.execute(f"DROP TRIGGER {name}")
    database.commit()
    way(Evidence(database, folder / "heads" / "heads.jsonl", rng))
    for _, sql in guards:
        database.execute(sql)
    database.commit()
    database.close()
