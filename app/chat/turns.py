"""A turn of the conversation as the list of its events: live, and again after a restart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Event = dict[str, Any]

AGENTS = ("data", "signal", "risk", "execution")


@dataclass(slots=True)
class Turn:
    """One question and everything that happened after it, in order.

    ``events`` are the conversation's own, and two of the room's: ``error`` with a sentence and
    ``end`` when nobody works on the turn any more. ``answer`` is the latest answer document.
    """

    question: str
    as_of: str | None = None
    events: list[Event] = field(default_factory=list)
    answer: Event | None = None
    restored: bool = False

    def add(self, event: Event) -> None:
        """Append an event."""
        self.events.append(event)
        if event["type"] == "answer":
            self.answer = event

    @property
    def waiting(self) -> str | None:
        """The id of this turn's order if its answer left it waiting for a person."""
        for order in (self.answer or {}).get("orders", []):
            if order["state"] == "awaiting_approval":
                return str(order["id"])
        return None

    @property
    def asked_about(self) -> str | None:
        """The symbol of the turn's first priced tool call."""
        for event in self.events:
            if event["type"] == "tool_call" and event["arguments"].get("symbol"):
                return str(event["arguments"]["symbol"])
        return None


def replayed(answer: Event) -> Turn:
    """A turn remade from an answer document; what the tools answered in full is not in it."""
    turn = Turn(answer["question"], answer.get("as_of"), restored=True)
    turn.add({"type": "session", "session": answer["session"], "mind": answer["mind"]})
    seen = {row["agent"] for row in (*answer["tools"], *answer["sections"])}
    for agent in (*AGENTS, *sorted(seen.difference(AGENTS))):
        if agent not in seen:
            continue
        turn.add({"type": "agent", "agent": agent, "status": "start"})
        for call in answer["tools"]:
            if call["agent"] == agent:
                turn.add({"type": "tool_call", **call})
                turn.add({"type": "tool_result", **call, "data": None, "error": ""})
        for part in answer["sections"]:
            if part["agent"] == agent:
                turn.add({"type": "text", **part})
        turn.add({"type": "agent", "agent": agent, "status": "end"})
    for order in answer["orders"]:
        turn.add({"type": "order", "order": order})
    turn.add(answer)
    turn.add({"type": "end"})
    return turn
