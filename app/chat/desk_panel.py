"""The right panel: the account, its positions, what waits, what was ordered."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from app.chat.backtests import Backtests
from app.chat.bits import Text, amount, box, tone
from app.chat.board import Board, profit
from app.chat.chart import Chart
from app.chat.desk_tables import orders, positions
from app.chat.tape import tape
from tools.backtest.shelf import Shelf


class DeskPanel:
    """Draws a board; draws again only what changed."""

    def __init__(self, show_order: Callable[[str], None], shelf: Callable[[], Shelf]) -> None:
        """``show_order`` draws the card of an order that this conversation doesn't show.

        ``shelf`` has the kept backtests.
        """
        self._show_order = show_order
        self._drawn: Board | None = None
        self._carded: set[str] = set()
        with box("panel", "aside", "panel") as panel:
            panel.props["aria-label"] = "Desk"
            self._trouble = box("error", testid="desk-error")
            self._account = box("account", testid="account")
            self._waiting = box("waiting-list", testid="waiting")
            tape()
            with box("part"):
                Text("Prices", tag="h3")
                self.chart = Chart()
            self._positions = box("part", testid="positions")
            self._orders = box("part", testid="orders")
            Backtests(shelf)
        self._trouble.set_visibility(False)

    def show(self, board: Board, here: Collection[str]) -> None:
        """Draw ``board``; ``here`` are the orders whose cards the conversation shows."""
        self._trouble.set_visibility(bool(board.error))
        if board.error:
            self._trouble.clear()
            with self._trouble:
                Text(f"The desk can't be read. {board.error}")
            return
        self._wait_elsewhere(board, here)
        # When it was read is no change, and nor is the clock of a live feed ticking on.
        same = replace(board, read_at=None)
        if same == self._drawn:
            return
        self._drawn = same
        self._draw_account(board)
        positions(self._positions, board)
        orders(self._orders, board)

    def _wait_elsewhere(self, board: Board, here: Collection[str]) -> None:
        ids = {row["id"] for row in board.waiting} - set(here)
        if ids == self._carded:
            return
        self._carded = ids
        self._waiting.clear()
        with self._waiting:
            if ids:
                Text("Waiting for you from elsewhere", tag="h3")
            for row in board.waiting:
                if row["id"] in ids:
                    self._show_order(row["id"])

    def _draw_account(self, board: Board) -> None:
        account = board.account
        unrealised, realised = profit(account)
        facts = [
            ("Equity", amount(account["equity"]), ""),
            ("Cash", amount(account["cash"]), ""),
            ("Unrealised", amount(unrealised, signed=True), tone(unrealised)),
            ("Realised", amount(realised, signed=True), tone(realised)),
            ("Reserved", amount(account["reserved"]), ""),
            ("Fees paid", amount(account["fees"]), ""),
        ]
        self._account.clear()
        with self._account:
            with box("title"):
                Text(f"Account {account['account']}", tag="h3")
                at = f"{board.now:%Y-%m-%d %H:%M} UTC" if board.now else "–"
                Text(f"{account['currency']} · market clock {at}", "muted")
            with box("facts", "dl"):
                for name, value, kind in facts:
                    with box():
                        Text(name, tag="dt")
                        Text(value, f"num {kind}", "dd")
