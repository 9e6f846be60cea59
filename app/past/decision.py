"""A decision of the agents as it is kept: what was asked, said, looked at and proposed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tools.domain.errors import TradingError
from tools.execution.record import OrderRecord

LONGEST_ANSWER, LONGEST_FIGURE = 400, 40


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of one question: the last ``answer`` event, or the error in its place.

    ``proposed`` has the arguments of each order, ``used`` what of a recording stands behind it.
    """

    answer: Mapping[str, Any] | None
    tools: Sequence[Mapping[str, Any]]
    error: TradingError | None = None
    proposed: Sequence[Mapping[str, Any]] = ()
    used: Mapping[str, tuple[str, int]] = field(default_factory=dict)


def decision(
    question: str, now: datetime, turn: Turn, records: Sequence[OrderRecord]
) -> dict[str, Any]:
    """One moment as a person reads it, in plain values.

    ``said`` is what each agent wrote, cut short, ``answer`` the last of these; ``text_hash`` is
    over the whole answer.
    """
    answer = turn.answer or {}
    said = [
        {"agent": one["agent"], "text": _cut(str(one["text"]), LONGEST_ANSWER)}
        for one in answer.get("sections", ())
    ]
    whole = str(answer.get("answer", ""))
    return {
        "at": now.isoformat(),
        "asked": question,
        "answer": said[-1]["text"] if said else "",
        "said": said,
        "text_hash": hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest(),
        "tools": [dict(one) for one in turn.tools],
        "figures": [
            {
                "id": one["id"],
                "shown": _cut(str(one["shown"]), LONGEST_FIGURE),
                "from": f"{one['call']}:{one['path']}",
            }
            for one in answer.get("figures", ())
        ],
        "citations": [one["id"] for one in answer.get("citations", ())],
        "withheld": int(answer.get("withheld", 0)) + len(answer.get("unsupported", ())),
        "orders": ordered(records),
        "error": "" if turn.error is None else str(turn.error),
    }


def ordered(records: Sequence[OrderRecord]) -> list[dict[str, Any]]:
    """What was proposed, with what the gate said of it."""
    return [
        {
            "id": one.id,
            "order": one.order.describe(),
            "verdict": str(one.verdict),
            "refused_by": [reason.code for reason in one.reasons if reason.hard],
        }
        for one in records
    ]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
