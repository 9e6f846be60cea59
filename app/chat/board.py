"""The desk at one moment, as plain values for the page, read at most every other second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tools.assembly import House
from tools.backtest.shelf import Shelf
from tools.catalog.rendering import order_record, snapshot
from tools.desk import OrderRecord
from tools.domain.errors import NotFound, TradingError

Row = dict[str, Any]
KEPT_FOR = timedelta(seconds=1.5)
SHOWN_ORDERS = 40


@dataclass(frozen=True, slots=True)
class Board:
    """What every tab shows of the desk; ``error`` is a sentence when it can't be read.

    ``now`` is the market's moment, ``read_at`` the wall's, both aware UTC.
    """

    mode: str = ""
    account: Row = field(default_factory=dict)
    orders: tuple[Row, ...] = ()
    venue: str = ""
    simulated: bool = True
    now: datetime | None = None
    read_at: datetime | None = None
    error: str = ""

    @property
    def waiting(self) -> tuple[Row, ...]:
        """The orders that wait for a person, newest first."""
        return tuple(row for row in self.orders if row["state"] == "awaiting_approval")

    def order(self, order_id: str) -> Row | None:
        """One order's row, None when it is too old to be listed."""
        return next((row for row in self.orders if row["id"] == order_id), None)


def order_row(record: OrderRecord) -> Row:
    """An order for its card: the record, what the approval binds to, and the untrusted words."""
    order = record.order
    return order_record(record) | {
        "rationale": order.rationale,
        "principal": order.principal,
        "strategy": order.strategy,
        "fields": record.shown,
        "proposed_at": record.proposed_at.isoformat(),
        "commission": str(record.commission),
    }


def read_board(house: House) -> Board:
    """Ask the desk for everything; blocks, never raises a TradingError."""
    desk = house.desk
    try:
        desk.refresh()
        records = sorted(desk.proposals.orders(), key=lambda r: r.proposed_at, reverse=True)
        return Board(
            mode=desk.approvals.mode().name,
            account=snapshot(desk.proposals.snapshot()),
            orders=tuple(
                order_row(record)
                for i, record in enumerate(records)
                if i < SHOWN_ORDERS or record.state == "awaiting_approval"
            ),
            venue=house.broker.name,
            simulated=not house.broker.real_money,
            now=house.clock.now(),
            read_at=house.clock.wall(),
        )
    except TradingError as error:
        return Board(read_at=house.clock.wall(), error=str(error))


def profit(account: Row) -> tuple[Decimal | None, Decimal]:
    """Unrealised (None when a holding has no price) and realised profit over all positions."""
    rows = account.get("positions", [])
    open_ = [None if row["unrealised"] is None else Decimal(row["unrealised"]) for row in rows]
    realised = sum((Decimal(row["realised"] or 0) for row in rows), Decimal(0))
    known = [value for value in open_ if value is not None]
    return (sum(known, Decimal(0)) if len(known) == len(open_) else None), realised


class Watch:
    """Reads the board for every tab of the process, in a thread, one reading at a time."""

    def __init__(self, house: Callable[[], House]) -> None:
        """``house`` gives the open house."""
        self._house = house
        self._lock = asyncio.Lock()
        self._board = Board()
        self._shelf: Shelf | None = None

    def shelf(self) -> Shelf:
        """The kept backtests, read once for every tab."""
        if self._shelf is None:
            self._shelf = Shelf(self._house().settings.state / "backtests")
        return self._shelf

    async def look(self, *, fresh: bool = False) -> Board:
        """The board; a reading younger than two seconds serves every tab unless ``fresh``."""
        async with self._lock:
            house = self._house()
            last = self._board.read_at
            if fresh or last is None or house.clock.wall() - last >= KEPT_FOR:
                self._board = await asyncio.to_thread(read_board, house)
            return self._board

    async def order(self, order_id: str) -> Row | None:
        """One order from the ledger, however old; None when the desk doesn't know it."""
        house = self._house()
        try:
            return order_row(await asyncio.to_thread(house.desk.proposals.get, order_id))
        except NotFound:
            return None
