"""The paper venue's own record in SQLite: orders, executions, statement, and each symbol's tape."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tools.domain.actions import Split
from tools.domain.order import Fill
from tools.execution import sqlite_file
from tools.execution.brokers.paper.book_schema import (
    APPLICATION_ID,
    CASH,
    HELD,
    SCHEMA,
    bring_up_to_date,
)
from tools.execution.brokers.paper.crowd import ALIVE
from tools.execution.brokers.paper.notes import Notes, notes_of
from tools.execution.brokers.paper.placed import Placed, read_back, work_of
from tools.execution.brokers.paper.statement import entry_from
from tools.execution.brokers.paper.taking import ZERO
from tools.execution.codec import canonical, fill_from, to_plain

OPEN = ", ".join(f"'{state.value}'" for state in sorted(ALIVE))
COLUMNS = "client_order_id, rowid, body, collar, state, reason, met, work"


class PaperBook:
    """The file at ``path``; every call stands inside ``writing``. StateError when unusable."""

    def __init__(self, path: Path) -> None:
        """Open the record, or make it where there is none; an older one is brought up to date."""
        self._path = path
        sqlite_file.create(path, APPLICATION_ID, SCHEMA)
        self._connections = sqlite_file.Connections(path, APPLICATION_ID)
        with self.writing():
            bring_up_to_date(self._connections.get())

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One visitor at a time; all of it is kept, or none."""
        with sqlite_file.writing(self._connections.get(), self._path):
            yield

    @property
    def version(self) -> object:
        """Equal to an earlier one while nothing was written since: of a file nobody can know."""
        return object()

    def find(self, client_order_id: str) -> Placed | None:
        """The order with this id, None when it was never placed."""
        rows = self._rows("orders.client_order_id = ?", client_order_id)
        return rows[0] if rows else None

    def open_orders(self, symbol: str | None = None) -> tuple[Placed, ...]:
        """Every order that may still trade, in the order of arrival."""
        if symbol is None:
            return self._rows(f"state IN ({OPEN})")
        return self._rows(f"state IN ({OPEN}) AND orders.symbol = ?", symbol)

    def family(self, client_order_id: str) -> tuple[Placed, ...]:
        """The open orders whose fate hangs together with an order's, itself among them."""
        families = "?, (SELECT family FROM orders WHERE client_order_id = ?)"
        where = f"family IN ({families}) AND state IN ({OPEN})"
        return self._rows(where, client_order_id, client_order_id)

    def symbols(self, since: datetime | None = None) -> set[str]:
        """Those with an open order or a position, and those visited after ``since``."""
        rows = self._connections.get().execute(
            f"SELECT DISTINCT symbol FROM orders WHERE state IN ({OPEN})"  # noqa: S608, all ours
        )
        found = {symbol for (symbol,) in rows} | self.holdings().keys()
        if since is None:
            return found
        late = self._connections.get().execute(
            "SELECT symbol FROM symbols WHERE json_extract(body, '$.acted') > ?",
            (since.isoformat(),),
        )
        return found | {symbol for (symbol,) in late}

    def insert(self, placed: Placed) -> None:
        """Take a new order, or write down why not."""
        order = placed.order
        self._connections.get().execute(
            "INSERT INTO orders"
            " (client_order_id, body, collar, state, reason, met, symbol, work, family)"
            " VALUES (?, ?, ?, ?, ?, NULL, ?, ?, ?)",
            (
                placed.key,
                canonical({**to_plain(order), "sent_at": to_plain(placed.sent)}),
                _text(placed.collar),
                placed.state,
                placed.reason,
                order.symbol,
                canonical(work_of(placed)),
                placed.pair or placed.key,
            ),
        )

    def update(self, placed: Placed) -> None:
        """Write what became of an order, its executions left out."""
        self._connections.get().execute(
            "UPDATE orders SET collar = ?, state = ?, reason = ?, met = ?, work = ?"
            " WHERE client_order_id = ?",
            (
                _text(placed.collar),
                placed.state,
                placed.reason,
                None if placed.met is None else placed.met.isoformat(),
                canonical(work_of(placed)),
                placed.key,
            ),
        )

    def execute(self, fill: Fill, number: int, bar: datetime | None, money: Decimal) -> None:
        """Write an execution, ``money`` of which came to the account (went, below zero)."""
        self._connections.get().execute(
            "INSERT INTO executions VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                fill.execution_id,
                fill.client_order_id,
                number,
                canonical(to_plain(fill)),
                fill.symbol,
                None if bar is None else bar.isoformat(),
                str(fill.quantity),
            ),
        )
        self.pay(fill.currency, money)
        self.hold(fill.symbol, fill.side.sign * fill.quantity)

    def used(self, symbol: str, bar: datetime) -> Decimal:
        """What earlier orders took of a bar's volume."""
        rows = self._connections.get().execute(
            "SELECT quantity FROM executions WHERE symbol = ? AND bar = ?",
            (symbol, bar.isoformat()),
        )
        return sum((Decimal(quantity) for (quantity,) in rows), ZERO)

    def pay(self, currency: str, amount: Decimal) -> None:
        """Add to the balance of a currency."""
        self._add(CASH, currency, amount)

    def hold(self, symbol: str, quantity: Decimal) -> None:
        """Add to a position."""
        self._add(HELD, symbol, quantity)

    def balance(self, currency: str) -> Decimal:
        """What came in a currency since the start."""
        return self._amounts(CASH).get(currency, ZERO)

    def holdings(self) -> dict[str, Decimal]:
        """Signed positions by symbol, flat ones left out."""
        return {s: q for s, q in self._amounts(HELD).items() if q}

    def added(self, symbol: str, since: datetime) -> Decimal:
        """What trades and splits from ``since`` on have added to a position."""
        rows = self._connections.get().execute(
            "SELECT body FROM executions WHERE symbol = ?", (symbol,)
        )
        fills = (fill_from(json.loads(body)) for (body,) in rows)
        return traded(fills, since) + split(self.entries(""), symbol, since)

    def enter(self, key: str, body: dict[str, Any]) -> None:
        """Write a line of the statement."""
        self._connections.get().execute(
            "INSERT INTO entries (id, body) VALUES (?, ?)", (key, canonical(body))
        )

    def entries(self, after: str) -> tuple[dict[str, Any], ...]:
        """The lines after one of them, all for an id that is not there."""
        rows = self._connections.get().execute(
            "SELECT body FROM entries WHERE number > coalesce("
            "(SELECT number FROM entries WHERE id = ?), 0) ORDER BY number",
            (after,),
        )
        return tuple(json.loads(body) for (body,) in rows)

    def notes(self, symbol: str) -> Notes:
        """What was kept of a symbol, empty at first."""
        found = self._connections.get().execute(
            "SELECT body FROM symbols WHERE symbol = ?", (symbol,)
        )
        row = found.fetchone()
        return Notes() if row is None else notes_of(row[0])

    def note(self, symbol: str, notes: Notes) -> None:
        """Keep something of a symbol in the place of what was kept."""
        self._connections.get().execute(
            "INSERT INTO symbols VALUES (?, ?) ON CONFLICT (symbol) DO UPDATE"
            " SET body = excluded.body",
            (symbol, canonical(to_plain(notes))),
        )

    def _rows(self, where: str, *given: str) -> tuple[Placed, ...]:
        connection, executions = self._connections.get(), defaultdict[str, list[str]](list)
        for key, body in connection.execute(
            "SELECT executions.client_order_id, executions.body FROM orders"  # noqa: S608, all ours
            " JOIN executions ON executions.client_order_id = orders.client_order_id"
            f" WHERE {where} ORDER BY number",
            given,
        ):
            executions[key].append(body)
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM orders WHERE {where} ORDER BY rowid",  # noqa: S608, all ours
            given,
        )
        return tuple(read_back(*row, tuple(executions.get(key, ()))) for key, *row in rows)

    def _amounts(self, kind: str) -> dict[str, Decimal]:
        rows = self._connections.get().execute(
            "SELECT name, amount FROM totals WHERE kind = ?", (kind,)
        )
        return {name: Decimal(amount) for name, amount in rows}

    def _add(self, kind: str, name: str, amount: Decimal) -> None:
        connection = self._connections.get()
        row = connection.execute(
            "SELECT amount FROM totals WHERE kind = ? AND name = ?", (kind, name)
        ).fetchone()
        total = amount if row is None else Decimal(row[0]) + amount
        connection.execute(
            "INSERT INTO totals VALUES (?, ?, ?) ON CONFLICT (kind, name) DO UPDATE"
            " SET amount = excluded.amount",
            (kind, name, str(total)),
        )


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def traded(fills: Iterable[Fill], since: datetime) -> Decimal:
    """What executions from ``since`` on add to a position."""
    return sum((f.side.sign * f.quantity for f in fills if f.at >= since), ZERO)


def split(entries: Iterable[dict[str, Any]], symbol: str, since: datetime) -> Decimal:
    """What lines of the statement from ``since`` on add to a position: splits alone do."""
    told = (entry_from(body) for body in entries if body["symbol"] == symbol)
    return sum((one.change for one in told if isinstance(one, Split) and one.at >= since), ZERO)
