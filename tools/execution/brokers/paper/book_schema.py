"""The tables of the paper venue's record, and how a record of an earlier version becomes one."""

from __future__ import annotations

import json
import sqlite3
from decimal import Decimal

from tools.domain.errors import StateError
from tools.execution.codec import fill_from

APPLICATION_ID = 0x50415052  # "PAPR"
VERSION = 2

# The two kinds of totals: balances by currency and positions by symbol.
CASH, HELD = "cash", "held"

# The first version, which every record starts as: one way to today's, for old and new files alike.
SCHEMA = """
CREATE TABLE orders (
    client_order_id TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    collar TEXT,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    met TEXT
) STRICT;
CREATE TABLE executions (
    execution_id TEXT PRIMARY KEY,
    client_order_id TEXT NOT NULL REFERENCES orders,
    number INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX executions_of_order ON executions (client_order_id, number);
"""

# bar: the open of the bar whose volume an execution took, NULL for a quote or a trade.
FIRST = (
    "ALTER TABLE orders ADD COLUMN symbol TEXT",
    "ALTER TABLE orders ADD COLUMN work TEXT",
    "ALTER TABLE executions ADD COLUMN symbol TEXT",
    "ALTER TABLE executions ADD COLUMN bar TEXT",
    "ALTER TABLE executions ADD COLUMN quantity TEXT",
    "CREATE INDEX orders_by_state ON orders (state, symbol)",
    "CREATE INDEX executions_of_bar ON executions (symbol, bar)",
    """CREATE TABLE totals (
        kind TEXT NOT NULL, name TEXT NOT NULL, amount TEXT NOT NULL, PRIMARY KEY (kind, name)
    ) STRICT""",
    "CREATE TABLE symbols (symbol TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT",
    """CREATE TABLE entries (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL
    ) STRICT""",
)

# family: the exits of one position and the order they wait for; whoever stands alone is one.
SECOND = (
    "ALTER TABLE orders ADD COLUMN family TEXT",
    """UPDATE orders
        SET family = coalesce(nullif(json_extract(work, '$.pair'), ''), client_order_id)""",
    "CREATE INDEX orders_by_family ON orders (family)",
)


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Call inside a transaction. StateError for a record of a version that is not known yet."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise StateError(
            f"the paper venue's record has version {version} and this program knows {VERSION}: "
            "use the newer program that made it"
        )
    if version == VERSION:
        return
    if version < 1:
        for statement in FIRST:
            connection.execute(statement)
        _fill_in(connection)
    for statement in SECOND:
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION:d}")


def _fill_in(connection: sqlite3.Connection) -> None:
    """The new columns and totals of what is there; all of it was shares, so no multipliers."""
    for key, body in connection.execute("SELECT client_order_id, body FROM orders").fetchall():
        connection.execute(
            "UPDATE orders SET symbol = ? WHERE client_order_id = ?",
            (json.loads(body)["symbol"], key),
        )
    cash: dict[str, Decimal] = {}
    held: dict[str, Decimal] = {}
    for key, body in connection.execute("SELECT execution_id, body FROM executions").fetchall():
        fill = fill_from(json.loads(body))
        signed = fill.side.sign * fill.quantity
        held[fill.symbol] = held.get(fill.symbol, Decimal(0)) + signed
        paid = signed * fill.price + fill.commission
        cash[fill.currency] = cash.get(fill.currency, Decimal(0)) - paid
        connection.execute(
            "UPDATE executions SET symbol = ?, quantity = ? WHERE execution_id = ?",
            (fill.symbol, str(fill.quantity), key),
        )
    for kind, totals in ((CASH, cash), (HELD, held)):
        rows = [(kind, name, str(amount)) for name, amount in totals.items()]
        connection.executemany("INSERT INTO totals VALUES (?, ?, ?)", rows)
