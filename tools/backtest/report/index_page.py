"""A list of everything kept, as a page with a link to each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tools.backtest.report.frame import framed
from tools.backtest.report.tables import FIGURES, note, said
from tools.backtest.report.words import safe

SHOWN = ("total_return", "sharpe", "max_drawdown", "trades")
SHORT = ("return", "Sharpe", "drawdown", "trades")
MOST = 1_000


def index_page(rows: Sequence[dict[str, Any]]) -> str:
    """Rows as ``Shelf`` has them; every text of them is escaped."""
    lead = '<p class="label"><b class="chip">SIMULATED</b> Backtests at past prices.</p>'
    if not rows:
        none = note("Nothing is kept yet: tollgate backtest run momentum --symbol IBM makes one.")
        return framed("Backtests", lead, [("Kept", none)])
    head = "".join(
        f"<th scope=col>{safe(name)}</th>" for name in ("", *SHORT, "days", "kind", "id")
    )
    body = "".join(_row(row) for row in rows[:MOST])
    shown = f'<table class="figures"><tr>{head}</tr>{body}</table>'
    drawn = f'<div class="scroll" tabindex="0">{shown}</div>'
    more = note(f"The newest {MOST:,} of {len(rows):,}.") if len(rows) > MOST else ""
    return framed("Backtests", lead, [(f"{len(rows):,} kept, the newest first", more + drawn)])


def _row(row: dict[str, Any]) -> str:
    if row["error"]:
        return (
            f"<tr><th scope=row>{safe(row['id'])}</th><td colspan=7>{safe(row['error'])}</td></tr>"
        )
    link = f'<a href="/backtests/{safe(row["id"])}">{safe(row["title"])}</a>'
    figures = "".join(
        f"<td class=num>{said(row['figures'].get(key), FIGURES[key][1])}</td>" for key in SHOWN
    )
    days = f"{row['from']} to {row['to']}"
    words = "".join(f"<td class=one>{safe(one)}</td>" for one in (days, row["kind"], row["id"]))
    return f"<tr><th scope=row>{link}</th>{figures}{words}</tr>"
