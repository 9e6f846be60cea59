"""The passages that the searches of this turn returned: the only ones that can be cited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agents.state import Call

SEARCH = "search_knowledge"


@dataclass(frozen=True, slots=True)
class Found:
    """A passage with the call that returned it; ``row`` is what the tool said of it."""

    call: str
    path: str
    row: dict[str, Any]

    @property
    def text(self) -> str:
        """The passage, word for word."""
        return str(self.row["text"])


def passages(calls: Sequence[Call]) -> dict[str, Found]:
    """Every passage that was returned, by its id; one that came twice counts once."""
    found: dict[str, Found] = {}
    for call in calls:
        if call["tool"] == SEARCH and call["ok"]:
            for i, row in enumerate(call["data"].get("passages", [])):
                found.setdefault(row["id"], Found(call["id"], f"passages.{i}.text", row))
    return found
