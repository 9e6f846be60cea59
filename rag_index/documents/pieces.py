"""Cuts a document into rows that the model reads whole: exact spans, tables whole, a page each."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from rag_index.chunk import ENOUGH, MOST, PARAGRAPH, cut_long
from rag_index.document_rows import DocumentFacts
from rag_index.documents.canonical import Canonical, Mark, names_a_part
from rag_index.rows import Row

READ_WHOLE = 254  # word pieces that the model reads, header included
_LEAST = 64
_LONGEST_SECTION = 120

Count = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class _Block:
    """A span that stays whole; `above` is the head of the table it was cut from."""

    start: int
    end: int
    section: str
    page: int
    size: int
    heading: bool = False
    above: str = ""


def rows_of(found: Canonical, facts: DocumentFacts, count: Count) -> list[Row]:
    """Give the rows of a document in their order, each an exact span of `found.text`.

    `count` gives the word pieces of a text. Every character but blank space is in one row, or in
    a heading that the header of a row repeats.
    """
    rows: list[Row] = []
    blocks: list[_Block] = []
    room = _rooms(facts, count)
    for block in _Cutter(found, room, count).blocks():
        if blocks and _must_end(blocks, block, room(blocks[0].section)):
            ended, blocks = _parted(blocks)
            # A heading alone is in the header of what follows it: a row of its own says nothing.
            if not (len(ended) == 1 and ended[0].heading and ended[0].section == block.section):
                rows.append(_row(found, facts, ended))
            if blocks and _must_end(blocks, block, room(block.section)):
                blocks = []
        blocks.append(block)
    if blocks:
        rows.append(_row(found, facts, blocks))
    return rows


def _parted(blocks: list[_Block]) -> tuple[list[_Block], list[_Block]]:
    """Part off a last heading, which belongs to what follows it."""
    if len(blocks) > 1 and blocks[-1].heading and not blocks[-2].heading:
        return blocks[:-1], blocks[-1:]
    return blocks, []


def _must_end(blocks: list[_Block], block: _Block, room: int) -> bool:
    total = sum(b.size for b in blocks)
    return (
        total + block.size > room
        or (block.heading and total >= ENOUGH)
        or block.page != blocks[0].page
        or bool(block.above or blocks[0].above)
    )


def _row(found: Canonical, facts: DocumentFacts, blocks: list[_Block]) -> Row:
    # The section is the last heading's where headings follow each other at the start.
    headings = 0
    while headings + 1 < len(blocks) and blocks[headings].heading:
        headings += 1
    first, section = blocks[0], blocks[headings].section
    text = found.text[first.start : blocks[-1].end]
    row = facts.row(text, first.start, section=section, page=first.page)
    if first.above:
        row = replace(row, indexed=f"{facts.header(section)}\n{first.above}\n{text}")
    return row


Room = Callable[[str], int]


def _rooms(facts: DocumentFacts, count: Count) -> Room:
    """Give the word pieces that a row may have under the header of a section."""

    @lru_cache(maxsize=256)
    def room(section: str) -> int:
        return max(_LEAST, min(MOST, READ_WHOLE - count(facts.header(section))))

    return room


class _Cutter:
    """Goes through a text by its marks."""

    def __init__(self, found: Canonical, room: Room, count: Count) -> None:
        self._text, self._room, self._count = found.text, room, count
        pages = [mark for mark in found.marks if mark.kind == "page"]
        self._page_starts = [mark.start for mark in pages]
        self._pages = [int(mark.label) for mark in pages]
        self._marks = [mark for mark in found.marks if mark.kind != "page"]
        self._part, self._section = "", ""
        self._headed = 0  # word pieces of the headings just above

    def blocks(self) -> Iterator[_Block]:
        """Give the blocks in order."""
        place = 0
        for mark in self._marks:
            yield from self._prose(place, mark.start)
            place = mark.end
            if mark.kind == "table":
                yield from self._table(mark)
                self._headed = 0
            else:
                self._name(mark.label)
                block = replace(self._block(mark.start, mark.end), heading=True)
                self._headed += block.size
                yield block
        yield from self._prose(place, len(self._text))

    def _prose(self, start: int, end: int) -> Iterator[_Block]:
        for found in PARAGRAPH.finditer(self._text, start, end):
            # What follows a heading leaves room for it, so that the two stay together.
            room = max(_LEAST, self._room(self._section) - self._headed)
            self._headed = 0
            for first, last in cut_long(self._text, *found.span(), self._count, room):
                if self._text[first:last].strip():
                    yield self._block(first, last)

    def _table(self, mark: Mark) -> Iterator[_Block]:
        room = self._room(self._section)
        size = self._count(self._text[mark.start : mark.end])
        if size <= room:
            yield self._block(mark.start, mark.end)
            return
        lines = self._lines(mark)
        head = self._text[slice(*lines[0])]
        above = head if self._count(head) <= room // 3 else ""
        taken = self._count(above)
        start, end, total = lines[0][0], lines[0][0], 0
        for first, last in lines:
            size = self._count(self._text[first:last])
            limit = room - (taken if start > mark.start else 0)
            if total and total + size > limit:
                yield self._block(start, end, above=above if start > mark.start else "")
                start, total = first, 0
                limit = room - taken
            if size > limit:  # one row longer than a whole chunk
                pieces = list(cut_long(self._text, first, last, self._count, limit))
                for one, two in pieces[:-1]:
                    yield self._block(one, two)
                start, end = pieces[-1]
                total = self._count(self._text[start:end])
            else:
                end, total = last, total + size
        yield self._block(start, end, above=above if start > mark.start else "")

    def _lines(self, mark: Mark) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        place = mark.start
        for line in self._text[mark.start : mark.end].split("\n"):
            found.append((place, place + len(line)))
            place += len(line) + 1
        return found

    def _block(self, start: int, end: int, *, above: str = "") -> _Block:
        size = self._count(self._text[start:end])
        return _Block(start, end, self._section, self._page(start), size, above=above)

    def _page(self, place: int) -> int:
        index = bisect.bisect_right(self._page_starts, place) - 1
        return self._pages[index] if index >= 0 else 0

    def _name(self, label: str) -> None:
        """Name the section after the heading, and after the part of the filing it stands in."""
        if names_a_part(label):
            self._part = self._section = label[:_LONGEST_SECTION]
        elif self._part:
            self._section = f"{self._part[:60]} – {label}"[:_LONGEST_SECTION]
        else:
            self._section = label[:_LONGEST_SECTION]
