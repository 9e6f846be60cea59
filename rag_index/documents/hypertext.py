"""Reads HTML as a person sees it: no scripts, no hidden text, tables as rows of cells."""

from __future__ import annotations

import re
from typing import Any

from rag_index.documents.canonical import LONGEST_HEADING, Canonical, Writer
from rag_index.documents.encoding import decode
from rag_index.documents.errors import DocumentRefused
from rag_index.documents.hidden import hidden_names, is_hidden, squeezed
from rag_index.documents.inline_xbrl import tagged_facts

_BLOCKS = frozenset(
    "address article aside blockquote body br caption center dd details div dl dt fieldset figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary table tbody "
    "td tfoot th thead tr ul title".split()
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_BREAK = re.compile(r"(?:page-)?break-(before|after):(?:always|page)")
_BOLD = re.compile(r"font-weight:(?:bold|[6-9]00)")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_LAYOUT_CELL = 400  # characters: a longer cell is prose that was set in a table


def read_html(raw: bytes, name: str) -> Canonical:
    """Read an HTML or XHTML file; nothing it refers to is fetched."""
    declared = _CHARSET.search(raw[:2_000])
    text = decode(raw, name, declared.group(1).decode("ascii") if declared else "")[0]
    return html_of(text, name)


def html_of(text: str, name: str) -> Canonical:
    """Read HTML that is decoded already; raises DocumentRefused if nothing in it can be seen."""
    from lxml import etree, html

    parser = html.HTMLParser(no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(_DECLARATION.sub("", text), parser=parser)
    except (etree.ParserError, ValueError, RecursionError):
        raise DocumentRefused(f"{name}: there is no text in it to read: leave it out") from None
    page = _Page(hidden_names("".join(root.xpath("//style/text()"))))
    page.read(root)
    titles = root.xpath("//title/text()")
    return page.writer.done(str(titles[0]) if titles else "", tagged_facts(root))


class _Page:
    """Walks the tree once, gathering the words of a block until the next block begins."""

    def __init__(self, hidden: frozenset[str]) -> None:
        self.writer = Writer()
        self._hidden = hidden
        self._words: list[str] = []
        self._plain = 0  # characters in the open block that are not bold
        self._bold = 0  # open elements that are bold
        self._number = 1

    def read(self, root: Any) -> None:
        from lxml import etree

        if any(_BREAK.search(squeezed(style)) for style in root.xpath("//@style")):
            self.writer.page(1)
        walker = etree.iterwalk(root, events=("start", "end"))
        skipped: list[Any] = []
        for event, element in walker:
            tag = element.tag
            if event == "start":
                if is_hidden(element, self._hidden):
                    skipped.append(element)
                    walker.skip_subtree()
                    continue
                self._start(element, tag)
                if tag == "table" and self._table(element):
                    skipped.append(element)
                    walker.skip_subtree()
                    continue
                self._say(element.text)
            else:
                if skipped and skipped[-1] is element:
                    skipped.pop()
                else:
                    self._end(element, tag)
                self._say(element.tail)
        self._flush(heading=False)

    def _start(self, element: Any, tag: str) -> None:
        if tag in _BLOCKS:
            self._flush(heading=False)
            self._turn(element, "before")
        if _is_bold(element):
            self._bold += 1

    def _end(self, element: Any, tag: str) -> None:
        if tag in _BLOCKS:
            self._flush(heading=tag in _HEADINGS)
            self._turn(element, "after")
        if _is_bold(element):
            self._bold -= 1

    def _turn(self, element: Any, when: str) -> None:
        found = _BREAK.search(squeezed(element.get("style")))
        if found and found.group(1) == when:
            self._number += 1
            self.writer.page(self._number)

    def _say(self, text: str | None) -> None:
        if text:
            self._words.append(text)
            if not self._bold:
                self._plain += len(text.strip())

    def _flush(self, *, heading: bool) -> None:
        text = " ".join("".join(self._words).split())
        all_bold = text and not self._plain and any(c.isalpha() for c in text)
        self._words, self._plain = [], 0
        if heading or (all_bold and len(text) <= LONGEST_HEADING):
            self.writer.heading(text)
        else:
            self.writer.paragraph(text)

    def _table(self, table: Any) -> bool:
        """Write a table of cells; False for one that only sets prose side by side."""
        rows: list[list[str]] = []
        for row in table.iter("tr"):
            if self._out_of_sight(row, table) or next(row.iterancestors("table")) is not table:
                continue
            cells = [cell for cell in row if cell.tag in ("td", "th")]
            if any(cell.find(".//table") is not None for cell in cells):
                return False
            rows.append([text for cell in cells for text in _spread(cell, self._text(cell))])
        if any(len(cell) > _LAYOUT_CELL for row in rows for cell in row):
            return False
        self.writer.table(rows)
        return True

    def _out_of_sight(self, element: Any, top: Any) -> bool:
        while element is not top:
            if is_hidden(element, self._hidden):
                return True
            element = element.getparent()
        return False

    def _text(self, cell: Any) -> str:
        if is_hidden(cell, self._hidden):
            return ""
        words = [cell.text or ""]
        for child in cell:
            block = child.tag in _BLOCKS
            words += [" " if block else "", self._text(child), " " if block else ""]
            words.append(child.tail or "")
        return "".join(words)


def _spread(cell: Any, text: str) -> list[str]:
    """A cell over several columns: its text, then empty cells."""
    span = cell.get("colspan") or "1"
    wide = min(int(span), 100) if span.isascii() and span.isdigit() else 1
    return [text, *[""] * (wide - 1)]


def _is_bold(element: Any) -> bool:
    return element.tag in ("b", "strong") or bool(_BOLD.search(squeezed(element.get("style"))))
