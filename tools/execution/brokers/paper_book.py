"""The paper venue's own record in SQLite: its orders and its executions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from tools.domain.order import Fill, Order, OrderState
from tools.execution import sqlite_file
from tools.execution.codec import canonical, fill_from, order_from, to_plain
from tools.execution.states import RESTING
from tools.ports import VenueOrder

APPLICATION_ID = 0x50415052  # "PAPR"

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


@dataclass(frozen=True, slots=True)
class Placed:
    """An order as the venue has it; ``met`` is the open of the last bar it met (aware UTC).

    ``at`` is the market moment it was sent at: no price from before it fills the order.
    """

    order: Order
    collar: Decimal | None
    state: OrderState
    reason: str
    met: datetime | None
    fills: tuple[Fill, ...]
    at: datetime

    @property
    def latest(self) -> datetime:
        """The latest moment it has lived through: at an earlier one nothing can happen to it."""
        lived = [self.order.as_of, self.at, *(fill.at for fill in self.fills)]
        return max(lived if self.met is None else [*lived, self.met])

    @property
    def answer(self) -> VenueOrder:
        """The same as the venue tells it."""
        return VenueOrder(self.order.client_order_id, self.state, self.fills, self.reason)


class PaperBook:
    """The file at ``path``; every call stands inside ``writing``. StateError when unusable."""

    def __init__(self, path: Path) -> None:
        """Open the record, or make it where there is none."""
        self._path = path
        sqlite_file.create(path, APPLICATION_ID, SCHEMA)
        self._connections = sqlite_file.Connections(path, APPLICATION_ID)
        self._connections.get()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One visitor at a time; all of it is kept, or none."""
        with sqlite_file.writing(self._connections.get(), self._path):
            yield

    def find(self, client_order_id: str) -> Placed | None:
        """The order with this id, None when it was never placed."""
        row = self._connections.get().execute(
            "SELECT body, collar, state, reason, met FROM orders WHERE client_order_id = ?",
            (client_order_id,),
        )
        found = row.fetchone()
        if found is None:
            return None
        body, collar, state, reason, met = found
        executions = self._connections.get().execute(
            "SELECT body FROM executions WHERE client_order_id = ? ORDER BY number",
            (client_order_id,),
        )
        written = json.loads(body)
        order = order_from(written)
        at = written.get("sent_at")  # not in records that are older than the field
        return Placed(
            order,
            None if collar is None else Decimal(collar),
            OrderState(state),
            reason,
            None if met is None else datetime.fromisoformat(met),
            tuple(fill_from(json.loads(text)) for (text,) in executions),
            order.as_of if at is None else datetime.fromisoformat(at),
        )

    def resting(self) -> tuple[Placed, ...]:
        """Every order that may still trade, in the order of their arrival."""
        states = sorted(RESTING)
        rows = self._connections.get().execute(
            "SELECT client_order_id FROM orders WHERE state IN (?, ?) ORDER BY rowid", states
        )
        found = (self.find(client_order_id) for (client_order_id,) in rows.fetchall())
        return tuple(placed for placed in found if placed is not None)

    def place(self, order: Order, collar: Decimal | None, refusal: str, at: datetime) -> Placed:
        """Take a new order, or write down why not."""
        state = OrderState.REJECTED if refusal else OrderState.ACCEPTED
        self._connections.get().execute(
            "INSERT INTO orders VALUES (?, ?, ?, ?, ?, NULL)",
            (
                order.client_order_id,
                canonical({**to_plain(order), "sent_at": to_plain(at)}),
                None if collar is None else str(collar),
                state,
                refusal,
            ),
        )
        return Placed(order, collar, state, refusal, None, (), at)

    def record(
        self,
        placed: Placed,
        fills: tuple[Fill, ...],
        state: OrderState,
        reason: str,
        met: datetime | None,
    ) -> Placed:
        """Write what became of an order; ``fills`` are all of its fills, the known ones first."""
        key = placed.order.client_order_id
        self._connections.get().execute(
            "UPDATE orders SET state = ?, reason = ?, met = ? WHERE client_order_id = ?",
            (state, reason, None if met is None else met.isoformat(), key),
        )
        for number, fill in enumerate(fills[len(placed.fills) :], len(placed.fills) + 1):
            self._connections.get().execute(
                "INSERT INTO executions VALUES (?, ?, ?, ?)",
                (fill.execution_id, key, number, canonical(to_plain(fill))),
            )
        return replace(placed, state=state, reason=reason, met=met, fills=fills)

    def end(self, placed: Placed, state: OrderState, reason: str) -> Placed:
        """End what is left of an order."""
        return self.record(placed, placed.fills, state, reason, placed.met)
