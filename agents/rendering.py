"""From text with references to an answer: figures and quotations are written here, by nobody else.

``[[c3:values.rsi_14|.1f]]`` is a figure: the value at that path in tool result c3.
``[[cite:ID]]`` is a citation: a passage that search_knowledge returned in this turn.
``[[quote:ID|12-80]]`` are these characters of the passage's text, in quotation marks,
``[[number:ID|40-46]]`` is a number that stands there, ``[[title:ID]]`` the passage's title.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from agents.passages import Found, origin, passages
from agents.spans import Span, numbers, one_line
from agents.state import Call

REFERENCE = re.compile(r"\[\[([^\[\]|:]+):([^\[\]|]+)(?:\|([^\[\]]*))?\]\]")
FORMAT = re.compile(r"^[+]?,?(?:\.\d{1,2})?[f%]$")
INDEX = re.compile(r"[0-9]{1,4}")
PLACE = re.compile(r"([0-9]{1,7})-([0-9]{1,7})")
# What is a fraction and may be shown as a percentage: 1 share must not read as 100 %.
FRACTION = re.compile(
    r"(?:^|\.)(?:change|volatility|var_95_one_day|share_of_daily_volume|weight\w*|values\.roc_\d+"
    r"|measured\.(?:accuracy|majority)|total_return|annual_return|annual_volatility|max_drawdown"
    r"|chance_of_loss)$"
)
MARKUP = re.compile(r"([\\`*_\[\]])")
INNER = str.maketrans('“”„«»"', "‘’‚‹›'")
MISSING = object()
SCORERS = frozenset({"score_sentiment"})
WITHHELD = "[figure withheld]"


class Rendered:
    """An answer under way, section by section, with what its text has used so far.

    ``at`` says where a figure or a citation stands: the section's number, from 0, and the place in
    its text. ``start`` and ``end`` are characters of the document that a passage is of.
    """

    def __init__(self, calls: list[Call]) -> None:
        """Resolve references against ``calls``."""
        self._calls = calls
        self._passages = passages(calls)
        self.figures: list[dict[str, Any]] = []
        self.citations: list[dict[str, Any]] = []
        self.quotations: list[dict[str, Any]] = []
        self.withheld = 0
        self._section = -1
        self._written = 0

    def text(self, raw: str) -> str:
        """The next section: ``raw`` with every reference written out."""
        self._section += 1
        self._written = end = 0
        out: list[str] = []
        for match in REFERENCE.finditer(raw):
            for part in (raw[end : match.start()], match):
                shown = part if isinstance(part, str) else self._reference(part)
                out.append(shown)
                self._written += len(shown)
            end = match.end()
        return "".join([*out, raw[end:]])

    def _reference(self, match: re.Match[str]) -> str:
        source, path, form = match.group(1).strip(), match.group(2).strip(), match.group(3) or ""
        if source == "cite":
            return self._cite(path)
        if source not in ("quote", "number", "title"):
            return self._figure(source, path, form.strip())
        found = self._passages.get(path)
        if found is None:
            return self._withhold()
        if source == "title":
            title = one_line(str(found.row["title"]))
            if not found.row.get("untrusted"):
                return escaped(title)
            return f"the text “{escaped(inner(title))}”{unchecked(found.row)}"
        place = PLACE.fullmatch(form)
        span = (int(place[1]), int(place[2])) if place else (0, 0)
        if not 0 <= span[0] < span[1] <= len(found.text):
            return self._withhold()
        return self._quote(found, span) if source == "quote" else self._number(found, span, 0)

    def _withhold(self) -> str:
        self.withheld += 1
        return WITHHELD

    def _figure(self, call_id: str, path: str, form: str) -> str:
        call = next((c for c in self._calls if c["id"] == call_id and c["ok"]), None)
        if call is None or not own(call, path):
            return self._withhold()  # of a document only what is cited or quoted is shown
        value = _at(call["data"], path)
        if value is None and _at(call["data"], path, MISSING) is None:
            return "unknown"  # the tool says itself that it doesn't know
        if value is None or isinstance(value, (dict, list)):
            return self._withhold()
        shown = _format(value, path, form)
        self._record(shown, value, call_id, call["tool"], path)
        return shown

    def _record(
        self, shown: str, value: Any, call: str, tool: str, path: str, at: int = 0, **more: Any
    ) -> None:
        begin = self._written + at
        self.figures.append(
            {
                "id": f"f{len(self.figures) + 1}",
                "shown": shown,
                "value": value,
                "call": call,
                "tool": tool,
                "path": path,
                "at": [self._section, begin, begin + len(shown)],
                **more,
            }
        )

    def _number(self, found: Found, span: Span, at: int) -> str:
        written = found.text[slice(*span)]
        shown = escaped(one_line(written))
        self._record(
            shown, written, found.call, "search_knowledge", found.path, at, **_place(found, span)
        )
        return shown

    def _quote(self, found: Found, span: Span) -> str:
        written = found.text[slice(*span)]
        shown = escaped(inner(one_line(written)))
        self.quotations.append(
            {
                "text": written,
                "passage": found.row["id"],
                **_place(found, span),
                "at": [self._section, self._written + 1, self._written + 1 + len(shown)],
            }
        )
        place = 0
        for row in numbers(written):
            number = escaped(inner(one_line(written[row.start : row.end])))
            place = shown.index(number, place)
            self._number(found, (span[0] + row.start, span[0] + row.end), place + 1)
            place += len(number)
        return f"“{shown}”{unchecked(found.row) if found.row.get('untrusted') else ''}"

    def _cite(self, passage_id: str) -> str:
        found = self._passages.get(passage_id)
        if found is None:
            self.withheld += 1
            return ""
        row = next((row for row in self.citations if row["id"] == passage_id), None)
        if row is None:
            told = {"untrusted": False, **found.row, "at": []}
            row = {"number": len(self.citations) + 1, **told}
            self.citations.append(row)
        shown = f"[{row['number']}]"
        row["at"].append([self._section, self._written, self._written + len(shown)])
        return shown


def own(call: Call, path: str) -> bool:
    """Whether what stands there is a tool's own word, and none of a document's.

    Beside the texts that it scored, a scorer's numbers are its own.
    """
    if not call["untrusted"]:
        return True
    value = _at(call["data"], path)
    return call["tool"] in SCORERS and isinstance(value, (int, float))


def escaped(text: str) -> str:
    """Words of a stranger as Markdown that shows them as they are."""
    return MARKUP.sub(r"\\\1", text)


def unchecked(row: dict[str, Any]) -> str:
    """What is said behind the words of an untrusted passage: whose they are."""
    return f" (from “{escaped(inner(origin(row)))}”, unchecked)"


def inner(text: str) -> str:
    """Words for inside “ and ”: their own marks become single ones, so that none ends them."""
    return text.translate(INNER)


def _place(found: Found, span: Span) -> dict[str, Any]:
    """Where a part of a passage stands in its document, in characters."""
    first = int(found.row.get("start", 0))
    return {
        "document": found.row.get("document"),
        "start": first + span[0],
        "end": first + span[1],
    }


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
