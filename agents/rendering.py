"""From text with references to an answer: figures are written here, never by a model.

``[[c3:values.rsi_14|.1f]]`` is a figure: the value at that path in tool result c3.
``[[cite:ID]]`` is a citation: a passage that search_knowledge returned in this turn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from agents.state import Call

REFERENCE = re.compile(r"\[\[([^\[\]|:]+):([^\[\]|]+)(?:\|([^\[\]]*))?\]\]")
FORMAT = re.compile(r"^[+]?,?(?:\.\d{1,2})?[f%]$")
INDEX = re.compile(r"[0-9]{1,4}")
# What is a fraction and may be shown as a percentage: 1 share must not read as 100 %.
FRACTION = re.compile(
    r"(?:^|\.)(?:change|volatility|var_95_one_day|share_of_daily_volume|weight\w*|values\.roc_\d+)$"
)
MISSING = object()
WITHHELD = "[figure withheld]"


@dataclass(slots=True)
class Rendered:
    """An answer under way: the figures and citations that its text has used so far."""

    calls: list[Call]
    figures: list[dict[str, Any]] = field(default_factory=list)
    citations: list[dict[str, Any]] = field(default_factory=list)
    withheld: int = 0

    def text(self, raw: str) -> str:
        """``raw`` with every reference written out."""
        return REFERENCE.sub(self._reference, raw)

    def _reference(self, match: re.Match[str]) -> str:
        source, path, form = match.group(1).strip(), match.group(2).strip(), match.group(3)
        return self._cite(path) if source == "cite" else self._figure(source, path, form)

    def _figure(self, call_id: str, path: str, form: str | None) -> str:
        call = next((c for c in self.calls if c["id"] == call_id and c["ok"]), None)
        value = None if call is None else _at(call["data"], path)
        if value is None and call is not None and _at(call["data"], path, MISSING) is None:
            return "unknown"  # the tool says itself that it doesn't know
        if call is None or value is None or isinstance(value, (dict, list)):
            self.withheld += 1
            return WITHHELD
        shown = _format(value, path, (form or "").strip())
        self.figures.append(
            {
                "id": f"f{len(self.figures) + 1}",
                "shown": shown,
                "value": value,
                "call": call_id,
                "tool": call["tool"],
                "path": path,
            }
        )
        return shown

    def _cite(self, passage_id: str) -> str:
        for number, row in enumerate(self.citations, 1):
            if row["id"] == passage_id:
                return f"[{number}]"
        for call in self.calls:
            for passage in call["data"].get("passages", []) if call["ok"] else []:
                if passage["id"] == passage_id:
                    self.citations.append({"number": len(self.citations) + 1, **passage})
                    return f"[{len(self.citations)}]"
        self.withheld += 1
        return ""


def _at(data: Any, path: str, missing: Any = None) -> Any:
    for part in path.split("."):
        if isinstance(data, dict):
            data = data.get(part, missing)
        elif isinstance(data, list) and INDEX.fullmatch(part) and int(part) < len(data):
            data = data[int(part)]
        else:
            return missing
    return data


def _format(value: Any, path: str, form: str) -> str:
    if not form or not FORMAT.match(form) or isinstance(value, bool):
        return str(value)
    if form.endswith("%") and not FRACTION.search(path):
        return str(value)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    return format(number, form)
