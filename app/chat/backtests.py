"""The panel's list of kept backtests; each opens its report in a tab of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from nicegui import ui

from app.chat.bits import Text, box
from tools.backtest.shelf import Shelf

EVERY_S = 5.0
SHOWN = 8
Row = dict[str, Any]


class Backtests:
    """Reads the shelf in a thread, and draws again only what changed."""

    def __init__(self, shelf: Callable[[], Shelf]) -> None:
        """``shelf`` gives the one that every tab shares."""
        self._shelf = shelf
        self._drawn: list[Row] | None = None
        self._client = ui.context.client
        self._place = box("part backtests", testid="backtests")
        ui.timer(EVERY_S, self.look, immediate=True)

    async def look(self) -> None:
        """Read what is kept."""
        rows = await asyncio.to_thread(self._shelf().rows)
        if rows == self._drawn or self._client.is_deleted:
            return
        self._drawn = rows
        self._place.clear()
        with self._place:
            Text("Backtests", tag="h3")
            if not rows:
                Text("None is kept yet. Ask: backtest momentum on IBM.", "muted")
                return
            for row in rows[:SHOWN]:
                _line(row)
            _link("All backtests" if len(rows) <= SHOWN else f"All {len(rows):,}", "/backtests")


def _line(row: Row) -> None:
    with box("order-line", testid="backtest"):
        if row["error"]:
            Text(f"{row['id']} can't be read", "muted")
            return
        kind = "" if row["kind"] == "run" else f"{row['kind']}: "
        _link(f"{kind}{row['title']}", f"/backtests/{row['id']}")
        Text(_figures(row), "num")
        Text(f"{row['from'][:4]}–{row['to'][:4]}", "muted num")


def _link(words: str, path: str) -> None:
    """In a new tab, which knows nothing of this one."""
    made = Text(words, "opens", "a")
    made.props["href"] = path
    made.props["target"] = "_blank"
    made.props["rel"] = "noopener noreferrer"


def _figures(row: Row) -> str:
    figures = row["figures"]
    shown = (
        ("total_return", "{:+.1%}"),
        ("sharpe", "Sharpe {:.2f}"),
        ("max_drawdown", "drawdown {:.0%}"),
    )
    known = [(figures.get(key), form) for key, form in shown]
    return " · ".join(form.format(v).replace("-", "−") for v, form in known if v is not None)
