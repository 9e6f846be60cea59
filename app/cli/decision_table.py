"""How the decisions of the agents on the past are shown in the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from app.cli.output import table
from app.visible import visible

FIRST, LAST = 6, 6
LONGEST = 120


def show_decisions(document: dict[str, Any]) -> None:
    """Who decided and what they could have known, then the decisions: first, last, and how many."""
    who, rows = document["decider"], document["decisions"]
    share = who["share_before"]
    told = "" if share is None else f", {share:.0%} of the days before that"
    ends = who["knowledge_ends"] or ("has none" if who["kind"] == "planner" else "UNKNOWN")
    print(visible(f"Decided by {who['name']}. Knowledge of its own ends: {ends}{told}."))
    counts = Counter(_outcome(one) for one in rows)
    said = ", ".join(f"{count} × {outcome}" for outcome, count in counts.most_common())
    shown, left = _some(rows)
    table(
        f"{len(rows)} decisions on {who['days']} days: {said or 'none'}",
        ["at (UTC)", "tools", "figures", "decision"],
        [
            [
                one["at"][:16].replace("T", " "),
                len(one["tools"]),
                len(one["figures"]),
                _decided(one, several=len({row["asked"] for row in rows}) > 1),
            ]
            for one in shown
        ],
    )
    called = Counter(call["tool"] for one in rows for call in one["tools"])
    print(f"Tools called: {', '.join(f'{tool} {n}' for tool, n in called.most_common())}.")
    if left:
        print(f"{left} decisions between these are left out here: --json has all.")


def _some(rows: Sequence[dict[str, Any]]) -> tuple[Sequence[dict[str, Any]], int]:
    if len(rows) <= FIRST + LAST:
        return rows, 0
    return [*rows[:FIRST], *rows[-LAST:]], len(rows) - FIRST - LAST


def _outcome(one: dict[str, Any]) -> str:
    if one["error"]:
        return "no answer"
    if not one["orders"]:
        return "no order"
    refused = any(order["verdict"] == "refused" for order in one["orders"])
    return "an order that the gate refused" if refused else "an order"


def _decided(one: dict[str, Any], *, several: bool) -> str:
    """The orders, else what was said or why nothing was; what was asked where that differs."""
    said = "\n".join(map(_ordered, one["orders"]))
    said = said or " ".join((one["error"] or one["answer"]).split())
    said = said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"
    return f"{one['asked']} → {said}" if several else said


def _ordered(row: dict[str, Any]) -> str:
    codes = ", ".join(row["refused_by"])
    return f"{row['order']}: {f'refused by {codes}' if codes else row['state']}"
