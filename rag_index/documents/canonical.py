"""The canonical text of a document: what every span counts in, with marks for its parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from rag_index.documents.cells import tidy_rows

MarkKind = Literal["page", "heading", "table"]

# Control signs, invisible signs, signs that turn the direction of reading, private and tag signs:
# nobody sees them on a page, so nobody shall read them from it.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180b-\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ue000-\uf8ff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
_WIDE_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\t]")
_LINE_END = re.compile("\r\n?|[\x0b\x0c\u0085\u2028\u2029]")
_ITEM = re.compile(
    r"(?:item\s+\d{1,2}[a-c]?\b|part\s+(?:i{1,3}|iv)\b|note\s+\d{1,2}\s*[.:–—-])", re.IGNORECASE
)
LONGEST_HEADING = 140


@dataclass(frozen=True, slots=True)
class Mark:
    """A part of the text: a page's first character (label: its number), a heading, a table."""

    kind: MarkKind
    start: int
    end: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Canonical:
    """A document as text; `facts` are what its reader found said about it, `notes` sentences."""

    text: str
    marks: tuple[Mark, ...]
    title: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Canonical:
        """Read it from JSON values; KeyError or TypeError if it is none."""
        marks = tuple(Mark(**mark) for mark in plain["marks"])
        return cls(**plain | {"marks": marks, "notes": tuple(plain["notes"])})


def seen(text: str) -> str:
    """The text with one kind of line end and of space, and without what can't be seen."""
    return _UNSEEN.sub("", _WIDE_SPACE.sub(" ", _LINE_END.sub("\n", text)))


def names_a_part(text: str) -> bool:
    """Say whether a short text reads like the heading of a filing: "Item 7. …", "Note 3 – …"."""
    return len(text) <= LONGEST_HEADING and "\n" not in text and bool(_ITEM.match(text))


class Writer:
    """Writes a canonical text block by block, with an empty line between two."""

    def __init__(self) -> None:
        """Start with no text."""
        self._parts: list[str] = []
        self._length = 0
        self._marks: list[Mark] = []
        self._page: int | None = None

    def page(self, number: int) -> None:
        """Begin a page with what is written next."""
        self._page = number

    def heading(self, text: str) -> None:
        """Write a heading."""
        words = " ".join(seen(text).split())
        place = self._put(words)
        if place:
            self._marks.append(Mark("heading", *place, words.lstrip("# ")[:LONGEST_HEADING]))

    def paragraph(self, text: str) -> None:
        """Write a paragraph, spaces joined; one that names a part of a filing is a heading."""
        words = " ".join(seen(text).split())
        if names_a_part(words):
            self.heading(words)
        else:
            self._put(words)

    def lines(self, text: str) -> None:
        """Write lines as they are, but for blank space at their ends."""
        kept = "\n".join(line.rstrip() for line in seen(text).split("\n"))
        self._put(kept.strip("\n"))

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Write a table, one row a line and ` | ` between cells; one row is a paragraph."""
        tidy = tidy_rows([[" ".join(seen(cell).split()) for cell in row] for row in rows])
        if len(tidy) == 1:
            self.paragraph(" ".join(tidy[0]))
        elif max((len(row) for row in tidy), default=0) <= 1:
            for row in tidy:
                self.paragraph(row[0])
        else:
            self.table_lines("\n".join(" | ".join(row) for row in tidy))

    def table_lines(self, text: str) -> None:
        """Write lines that are a table already."""
        kept = "\n".join(line.rstrip() for line in seen(text).split("\n") if line.strip())
        place = self._put(kept)
        if place:
            self._marks.append(Mark("table", *place))

    def done(
        self,
        title: str = "",
        facts: dict[str, str] | None = None,
        notes: Sequence[str] = (),
    ) -> Canonical:
        """Give what was written."""
        text = "".join(self._parts)
        named = " ".join(seen(title).split())[:200]
        return Canonical(text, tuple(self._marks), named, facts or {}, tuple(notes))

    def _put(self, text: str) -> tuple[int, int] | None:
        if not text.strip():
            return None
        before = "\n\n" if self._length else ""
        start = self._length + len(before)
        if self._page is not None:
            self._marks.append(Mark("page", start, start, str(self._page)))
            self._page = None
        self._parts += [before, text]
        self._length = start + len(text)
        return start, self._length
