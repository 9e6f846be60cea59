"""The passages that the searches of this turn returned: the only ones that can be cited."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.spans import one_line
from agents.state import Call

SEARCH = "search_knowledge"
LONGEST_ORIGIN = 60


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


def origin(row: Mapping[str, Any]) -> str:
    """Where a passage comes from, short and on one line: a file's name, or the feed that had it.

    It is a stranger's word as much as the passage. The address behind a feed's name is left out: it
    stands in the passage's source.
    """
    source = str(row.get("source") or "")
    named = re.fullmatch(rf"{re.escape(str(row.get('title')))} \((.*)\)", source, re.DOTALL)
    said = one_line(re.sub(r", https?://\S*$", "", named[1] if named else source))
    short = said if len(said) <= LONGEST_ORIGIN else f"{said[: LONGEST_ORIGIN - 1].rstrip()}…"
    return short or "a source without a name"
