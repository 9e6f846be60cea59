"""Text that strangers wrote, made harmless: nothing loads, nothing runs, nothing hides."""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser

import markdown2  # type: ignore[import-untyped]

from app.chat.marks import Mark, flagged, written

LONGEST = 40_000
PLAIN = frozenset(
    {"p", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "br", "hr"}
    | {"table", "thead", "tbody", "tr", "th", "td", "h3", "h4", "h5", "h6"}
)
VOID = frozenset({"br", "hr"})
ESCAPES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"'}
SMALLER = {"h1": "h3", "h2": "h3"}


def html_of(markdown: str, marks: Sequence[Mark] = ()) -> str:
    """Markdown as HTML of plain tags only: no image, link, attribute or raw HTML gets through.

    ``marks`` say where the figures and citations of the text stand: there, and nowhere else, a
    figure is marked with the tool result it came from and ``[1]`` leads to its footnote.
    """
    dirty = markdown2.markdown(
        flagged(markdown[:LONGEST], marks),
        safe_mode="escape",
        extras=["tables", "fenced-code-blocks", "cuddled-lists"],
    )
    rebuilt = _Rebuilt(marks)
    rebuilt.feed(str(dirty))
    rebuilt.close()
    return "".join(rebuilt.out)


class _Rebuilt(HTMLParser):
    """Writes again only what is known to be harmless; the rest becomes text or nothing."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        # References such as &rlm; are left as they are written: read, they could hide or steer.
        super().__init__(convert_charrefs=False)
        self.out: list[str] = []
        self._run: list[str] = []
        self._marks = marks

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._flush()
        tag = SMALLER.get(tag, tag)
        if tag in PLAIN:
            self.out.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        self._flush()
        tag = SMALLER.get(tag, tag)
        if tag in PLAIN and tag not in VOID:
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._run.append(data)

    def handle_entityref(self, name: str) -> None:
        self._run.append(ESCAPES.get(name, f"&{name};"))

    def handle_charref(self, name: str) -> None:
        self._run.append(f"&#{name};")

    def close(self) -> None:
        super().close()
        self._flush()

    def _flush(self) -> None:
        self.out.append(written("".join(self._run), self._marks))
        self._run.clear()
