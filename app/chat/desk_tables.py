"""The panel's two lists: what is held, and what was ordered."""

from __future__ import annotations

from nicegui.element import Element

from app.chat.bits import Text, amount, box, tone
from app.chat.board import Board, Row
from app.chat.order_parts import state_chip

SHOWN = 12
COLUMNS = ("symbol", "shares", "cost", "price", "value", "P&L")


def positions(place: Element, board: Board) -> None:
    """Every holding with its mark; flat ones are left out."""
    rows = [row for row in board.account["positions"] if row["quantity"] != "0"]
    place.clear()
    with place:
        Text("Positions", tag="h3")
        if not rows:
            Text("No positions yet.", "muted")
            return
        with box("scroll"), box("rows", "table"):
            with box(tag="tr"):
                for name in COLUMNS:
                    Text(name, tag="th")
            for row in rows:
                _position(row)


def _position(row: Row) -> None:
    with box(tag="tr"):
        Text(row["symbol"], "symbol", "th")
        Text(row["quantity"], "num", "td")
        for name in ("average_cost", "mark", "value"):
            Text(amount(row[name]), "num", "td")
        gain = row["unrealised"]
        Text(amount(gain, signed=True), f"num {tone(gain)}", "td")


def orders(place: Element, board: Board) -> None:
    """The latest orders with their states."""
    place.clear()
    with place:
        Text("Orders", tag="h3")
        if not board.orders:
            Text("No orders yet.", "muted")
        for row in board.orders[:SHOWN]:
            with box("order-line"):
                Text(f"{row['side']} {row['quantity']} {row['symbol']} {row['terms']}", "num")
                state_chip(row["state"])
                Text(f"{row['id']} · {row['as_of'][:10]}", "muted num")
