"""Text that strangers wrote, made harmless: nothing loads, nothing runs, nothing hides."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from html.parser import HTMLParser
from typing import Any

import markdown2  # type: ignore[import-untyped]

from app.visible import visible

LONGEST = 40_000
PLAIN = frozenset(
    {"p", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "br", "hr"}
    | {"table", "thead", "tbody", "tr", "th", "td", "h3", "h4", "h5", "h6"}
)
VOID = frozenset({"br", "hr"})
SMALLER = {"h1": "h3", "h2": "h3"}


def html_of(markdown: str, figures: Iterable[dict[str, Any]] = (), sources: str = "") -> str:
    """Markdown as HTML of plain tags only: no image, link, attribute or raw HTML gets through.

    A number that is a figure of the answer is marked with the tool result it came from; ``[1]``
    points at the footnote ``{sources}1`` of the page when ``sources`` is given.
    """
    shown = visible(markdown[:LONGEST])
    dirty = markdown2.markdown(
        shown, safe_mode="escape", extras=["tables", "fenced-code-blocks", "cuddled-lists"]
    )
    rebuilt = _Rebuilt(_Marks(figures, sources))
    rebuilt.feed(str(dirty))
    rebuilt.close()
    return "".join(rebuilt.out)


class _Marks:
    """Finds figures and citations in a run of text."""

    def __init__(self, figures: Iterable[dict[str, Any]], sources: str) -> None:
        self._from: dict[str, list[str]] = {}
        for row in figures:
            if re.search(r"\d", row["shown"]):
                origin = f"{row['tool']} › {row['path']} ({row['call']})"
                rows = self._from.setdefault(visible(row["shown"]), [])
                if origin not in rows:
                    rows.append(origin)
        self._sources = sources
        longest = sorted(self._from, key=len, reverse=True)
        known = "|".join(re.escape(shown) for shown in longest) or r"(?!)"
        self._pattern = re.compile(
            rf"\[(?P<cite>\d{{1,3}})\]|(?<![\w.,+\-−])(?P<figure>{known})(?![\w%]|[.,]\d)"
        )

    def write(self, text: str) -> str:
        """``text`` escaped, with marks around what was found."""
        out, end = [], 0
        for found in self._pattern.finditer(text):
            out += [escape(text[end : found.start()]), self._mark(found)]
            end = found.end()
        return "".join([*out, escape(text[end:])])

    def _mark(self, found: re.Match[str]) -> str:
        if number := found["cite"]:
            if not self._sources:
                return f'<sup class="cite">[{number}]</sup>'
            return f'<a class="cite" href="#{escape(self._sources)}{number}">[{number}]</a>'
        shown = found["figure"]
        origin = escape("; ".join(self._from[shown]))
        kind = "figure" if " " in shown else "figure num"
        return f'<span class="{kind}" title="{origin}">{escape(shown)}</span>'


class _Rebuilt(HTMLParser):
    """Writes again only what is known to be harmless; the rest becomes text or nothing."""

    def __init__(self, marks: _Marks) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._marks = marks

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = SMALLER.get(tag, tag)
        if tag in PLAIN:
            self.out.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        tag = SMALLER.get(tag, tag)
        if tag in PLAIN and tag not in VOID:
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.out.append(self._marks.write(data))
