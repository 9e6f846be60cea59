"""Reads DOCX: the words that are shown, headings, tables whole; nothing in it is run or fetched."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from rag_index.documents.canonical import Canonical, Writer
from rag_index.documents.errors import DocumentRefused

MOST_ENTRIES = 5_000
MOST_UNPACKED = 200 * 1024 * 1024
MOST_RATIO = 150  # unpacked to packed; real documents stay below 30
_SMALL = 1024 * 1024  # an entry this small may be packed as tightly as it likes
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# What zipfile raises for one: a wrong offset is a ValueError, RuntimeError a part with a password.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    NotImplementedError,
    EOFError,
    RuntimeError,
    ValueError,
    OSError,
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_docx(raw: bytes, name: str) -> Canonical:
    """Read a DOCX; raises DocumentRefused for a damaged, protected or suspicious file."""
    if raw.startswith(_OLE):
        raise DocumentRefused(
            f"{name}: it is protected with a password, or an old .doc: save it as .docx without one"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            _check(package, len(raw), name)
            body = _parse(_entry(package, "word/document.xml"), name)
            title = _title(package, name)
    except _DAMAGE as error:
        raise DocumentRefused(f"{name}: the DOCX is damaged ({error}): save it again") from error
    writer = Writer()
    reader = _Body(writer)
    if any(_is_page_break(e) for e in body.iter(f"{_W}br", f"{_W}lastRenderedPageBreak")):
        writer.page(1)
    for element in body.iter(f"{_W}body"):
        reader.blocks(element)
    return writer.done(title)


def _check(package: zipfile.ZipFile, size: int, name: str) -> None:
    """Judge the package by its directory, before anything in it is unpacked."""
    entries = package.infolist()
    total = sum(entry.file_size for entry in entries)
    tight = [e for e in entries if e.file_size > max(_SMALL, MOST_RATIO * max(1, e.compress_size))]
    if len(entries) > MOST_ENTRIES or total > MOST_UNPACKED or tight or total > 1000 * size:
        raise DocumentRefused(
            f"{name}: it would unpack to {total / 1e6:,.0f} MB in {len(entries):,} parts from "
            f"{size / 1e6:,.1f} MB, as a zip bomb does: it was not opened"
        )


def _entry(package: zipfile.ZipFile, path: str) -> bytes:
    """Unpack one part; the directory may lie about its size, so no more than the limit is read."""
    with package.open(path) as file:
        content = file.read(MOST_UNPACKED + 1)
    if len(content) > MOST_UNPACKED:
        raise zipfile.BadZipFile(f"{path} is larger than it says")
    return content


def _parse(content: bytes, name: str) -> Any:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content[:4096]:
        raise DocumentRefused(f"{name}: its text declares entities, which no Word file does")
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise DocumentRefused(f"{name}: its text is damaged ({error}): save it again") from error


def _title(package: zipfile.ZipFile, name: str) -> str:
    if "docProps/core.xml" not in package.namelist():
        return ""
    core = _parse(_entry(package, "docProps/core.xml"), name)
    found = core.find("{http://purl.org/dc/elements/1.1/}title")
    return "" if found is None else str(found.text or "")


def _is_page_break(element: Any) -> bool:
    return bool(element.tag != f"{_W}br" or element.get(f"{_W}type") == "page")


class _Body:
    """Writes paragraphs and tables in their order."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._page = 1

    def blocks(self, parent: Any) -> None:
        for element in parent:
            if element.tag == f"{_W}p":
                self._paragraph(element)
            elif element.tag == f"{_W}tbl":
                self._table(element)
            elif element.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins"):
                self.blocks(element)

    def _paragraph(self, element: Any) -> None:
        text = "".join(self._words(element))
        style = element.find(f"{_W}pPr/{_W}pStyle")
        named = "" if style is None else (style.get(f"{_W}val") or "").lower()
        if named.startswith(("heading", "title")):
            self._writer.heading(text)
        else:
            self._writer.paragraph(text)

    def _table(self, element: Any) -> None:
        rows = [
            ["".join(self._words(cell)) for cell in row.iter(f"{_W}tc")]
            for row in element.iter(f"{_W}tr")
        ]
        self._writer.table(rows)

    def _words(self, element: Any) -> Iterator[str]:
        """Give the shown words; deleted and hidden ones are not."""
        for part in element:
            tag = part.tag
            if tag == f"{_W}t":
                yield part.text or ""
            elif tag in (f"{_W}tab", f"{_W}cr"):
                yield " "
            elif tag in (f"{_W}br", f"{_W}lastRenderedPageBreak"):
                self._break(part)
                yield " "
            elif tag == f"{_W}r" and _vanishes(part):
                continue
            elif tag not in (f"{_W}del", f"{_W}moveFrom", f"{_W}instrText") and len(part):
                yield from self._words(part)
                yield " " if tag == f"{_W}p" else ""

    def _break(self, part: Any) -> None:
        if _is_page_break(part):
            self._page += 1
            self._writer.page(self._page)


def _vanishes(run: Any) -> bool:
    found = run.find(f"{_W}rPr/{_W}vanish")
    return found is not None and found.get(f"{_W}val") not in ("0", "false")
