"""Reads the text of a PDF page by page, through PDFium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rag_index.documents.canonical import Canonical, Writer, names_a_part, seen
from rag_index.documents.errors import DocumentRefused

MOST_PAGES = 5_000
_FEW = 8  # characters a page on average: a scan with a stamp or a page number
_FIGURE = re.compile(r"(?<![\w.])[(\[]?[$€£¥]?\s?\(?\d[\d,.]*\)?%?(?![\w])|(?<=\s)[–—-](?=\s|$)")
_CELLS = re.compile(
    r"(?:^|\s+)((?:[$€£¥]\s?)?\(?[-–]?(?:[$€£¥]\s?)?\d(?:[\d,.]*\d)?\)?\s?%?\)?|[–—-])(?=\s|$)"
)
_BROKEN_WORD = re.compile("(?<=\\w)[\x02\ufffe](?:\r?\n)?")


def read_pdf(raw: bytes, name: str) -> Canonical:
    """Read a PDF; raises DocumentRefused if it is encrypted, damaged, cut short or scanned."""
    import pypdfium2

    if b"%PDF-" not in raw[:1024]:
        raise DocumentRefused(f"{name}: it is no PDF, whatever its name says: fetch it again")
    if b"%%EOF" not in raw[-4096:]:
        raise DocumentRefused(f"{name}: the PDF is cut short (its end is missing): fetch it again")
    try:
        document = pypdfium2.PdfDocument(raw)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise DocumentRefused(
                f"{name}: the PDF is encrypted: save a copy without a password and add that"
            ) from error
        raise DocumentRefused(f"{name}: the PDF is damaged ({error}): fetch it again") from error
    try:
        return _read(document, name)
    finally:
        document.close()


def _read(document: Any, name: str) -> Canonical:
    import pypdfium2

    if len(document) > MOST_PAGES:
        raise DocumentRefused(
            f"{name}: it has {len(document):,} pages, more than the {MOST_PAGES:,} that are read: "
            "split it"
        )
    writer, empty, characters = Writer(), 0, 0
    for number in range(len(document)):
        try:
            text = _page_text(document, number)
        except pypdfium2.PdfiumError:
            text = ""
        characters += len(text.strip())
        empty += not text.strip()
        writer.page(number + 1)
        for is_table, block in _blocks(text):
            _write(writer, block, is_table=is_table)
    if characters < _FEW * max(1, len(document)):
        raise DocumentRefused(
            f"{name}: its pages are pictures without text (a scan): run text recognition on it, "
            "for example with ocrmypdf, and add the result"
        )
    notes = [f"{empty} of {len(document)} pages have no text"] if empty else []
    title = str(document.get_metadata_dict().get("Title") or "")
    return writer.done(title, notes=notes)


def _page_text(document: Any, number: int) -> str:
    page = document[number]
    try:
        text_page = page.get_textpage()
        try:
            return seen(_BROKEN_WORD.sub("", text_page.get_text_bounded()))
        finally:
            text_page.close()
    finally:
        page.close()


def _write(writer: Writer, lines: list[str], *, is_table: bool) -> None:
    if is_table:
        writer.table_lines("\n".join(_cells(line) for line in lines))
    elif len(lines) == 1 and names_a_part(lines[0]):
        writer.heading(lines[0])
    else:
        writer.lines("\n".join(lines))


def _cells(line: str) -> str:
    """Part the figures at the end of a line from its label and from each other."""
    found = list(_CELLS.finditer(line))
    last = len(line)
    cells: list[str] = []
    while found and found[-1].end() == last:
        match = found.pop()
        cells.append(match.group(1))
        last = match.start()
    label = line[:last].strip()
    return " | ".join(([label] if label else []) + cells[::-1])


def _blocks(text: str) -> Iterator[tuple[bool, list[str]]]:
    """Give runs of lines: those of figures are a table, one that names a part stands alone."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    figures = [len(_FIGURE.findall(line)) >= 2 and not _is_prose(line) for line in lines]
    in_table = [_belongs(figures, lines, i) for i in range(len(lines))]
    run: list[str] = []
    for i, line in enumerate(lines):
        alone = names_a_part(line) and not in_table[i]
        if run and (in_table[i] != in_table[i - 1] or alone):
            yield in_table[i - 1], run
            run = []
        run.append(line)
        if alone:
            yield False, run
            run = []
    if run:
        yield in_table[-1], run


def _is_prose(line: str) -> bool:
    words = re.findall(r"[a-z]{2,}", line)
    return len(words) > 9 or (line.endswith((".", ";")) and len(words) > 5)


def _belongs(figures: list[bool], lines: list[str], i: int) -> bool:
    """Say whether a line is of a table: figures beside figures, or a short line among them."""
    if figures[i]:
        return any(figures[max(0, i - 3) : i]) or any(figures[i + 1 : i + 4])
    near = any(figures[max(0, i - 2) : i]) and any(figures[i + 1 : i + 3])
    return near and not _is_prose(lines[i]) and not names_a_part(lines[i])
