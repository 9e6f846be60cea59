"""The ledger of the double of a venue, and what it says really happened."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from tests.faults.venue_rows import FEE, filled, last, own

D = Decimal
START = D(100_000)

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (n INTEGER PRIMARY KEY, id TEXT, symbol TEXT, side TEXT,
    quantity TEXT, price TEXT, state TEXT, reason TEXT, replaces INTEGER, parent INTEGER,
    external INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS executions (n INTEGER PRIMARY KEY, execution TEXT, of INTEGER,
    quantity TEXT, price TEXT, at TEXT, busted INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS moved (n INTEGER PRIMARY KEY, symbol TEXT, quantity TEXT, cash TEXT,
    dividend INTEGER, at TEXT);
CREATE TABLE IF NOT EXISTS calls (n INTEGER PRIMARY KEY, what TEXT, id TEXT);
"""


class Oracle:
    """The venue's own book in the SQLite file at ``path``; every process may ask it."""

    def __init__(self, path):
        self.path = path
        self._mine = threading.local()

    @contextmanager
    def ledger(self) -> Iterator[sqlite3.Connection]:
        """One turn at the venue's own ledger; never in the middle of another."""
        db = getattr(self._mine, "db", None)
        if db is None:
            db = sqlite3.connect(self.path, isolation_level=None, timeout=30)
            db.execute("PRAGMA journal_mode=WAL")
            # A killed process loses nothing by this, only a power cut would.
            db.execute("PRAGMA synchronous=OFF")
            db.executescript(SCHEMA)
            db.row_factory = sqlite3.Row
            self._mine.db = db
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise

    def holdings(self):
        """Cash and the positions that aren't flat, from every execution that still stands."""
        cash, positions = START, {}
        with self.ledger() as db:
            for row in db.execute("SELECT * FROM moved"):
                cash += D(row["cash"])
                positions[row["symbol"]] = positions.get(row["symbol"], D(0)) + D(row["quantity"])
            for row in db.execute(
                "SELECT x.quantity, x.price, o.symbol, o.side FROM executions x"
                " JOIN orders o ON o.n = x.of WHERE NOT x.busted"
            ):
                signed = D(row["quantity"]) * (1 if row["side"] == "buy" else -1)
                cash -= signed * D(row["price"]) + FEE
                positions[row["symbol"]] = positions.get(row["symbol"], D(0)) + signed
        return cash, {symbol: held for symbol, held in positions.items() if held}

    def doubled(self):
        """Client order ids that more than one order was made of."""
        with self.ledger() as db:
            rows = db.execute("SELECT id FROM orders GROUP BY id HAVING count(*) > 1")
            return tuple(row["id"] for row in rows)

    def overfilled(self):
        """Client order ids whose executions come to more than their quantity."""
        with self.ledger() as db:
            rows = db.execute("SELECT * FROM orders").fetchall()
            return tuple(r["id"] for r in rows if filled(db, r) > D(r["quantity"]))

    def sent(self):
        """Every order that somebody made, with its symbol, side, quantity, what filled, state."""
        with self.ledger() as db:
            rows = db.execute("SELECT * FROM orders ORDER BY n").fetchall()
            return [
                {
                    **dict(row),
                    "filled": own(db, row["n"]),
                    "left": D(row["quantity"]) - filled(db, row),
                }
                for row in rows
            ]

    def moved(self):
        """How often shares or money came or went without an order."""
        with self.ledger() as db:
            return db.execute("SELECT count(*) FROM moved").fetchone()[0]

    def executions(self):
        """Every execution that there ever was, by its id and its order's."""
        with self.ledger() as db:
            rows = db.execute("SELECT x.*, o.id FROM executions x JOIN orders o ON o.n = x.of")
            return {(row["execution"], row["id"]): D(row["quantity"]) for row in rows}

    def filled(self, client_order_id):
        """How much of an order traded; zero of one that was never seen."""
        with self.ledger() as db:
            row = last(db, client_order_id)
            return D(0) if row is None else own(db, row["n"])

    def left(self, client_order_id):
        """How much of an order could still trade."""
        with self.ledger() as db:
            row = last(db, client_order_id)
            return max(D(row["quantity"]) - filled(db, row), D(0))

    def called(self, what):
        """The ids of every call of that name that reached the venue."""
        with self.ledger() as db:
            return [r["id"] for r in db.execute("SELECT id FROM calls WHERE what = ?", (what,))]
