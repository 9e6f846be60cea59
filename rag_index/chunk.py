"""Parts an article into chunks that fit the embedding model, each an exact span of its body."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from knowledge_base.articles import Article, example_spans

VERSION = 2
ENOUGH, MOST = 128, 230  # word pieces: where a chunk may end at a heading, and must end anywhere

_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*$", re.MULTILINE)
PARAGRAPH = re.compile(r"\S(?:.|\n(?![ \t]*\n))*")
_SENTENCE_END = re.compile(r"(?<=[.!?:;])\s+|\n")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A span of an article's body: `body[start:end] == text`, in characters."""

    id: str
    document: str
    title: str
    section: str
    text: str
    start: int
    end: int
    sha256: str

    @property
    def indexed(self) -> str:
        """The text under a header of title and section: what is embedded and searched by word."""
        return f"{self.title}: {self.section}\n{self.text}" if self.section else self._titled

    @property
    def _titled(self) -> str:
        return f"{self.title}\n{self.text}"


@dataclass(frozen=True, slots=True)
class _Block:
    start: int
    end: int
    section: str
    pieces: int
    opens: bool  # starts with a heading


def chunk_article(article: Article, count: Callable[[str], int]) -> tuple[Chunk, ...]:
    """Cut at headings and paragraphs into chunks of about 128 to 230 word pieces.

    `count` gives the word pieces of a text. Every character but blank space is in one chunk.
    """
    chunks: list[Chunk] = []
    open_blocks: list[_Block] = []

    def close() -> None:
        if open_blocks:
            chunks.append(_chunk(article, open_blocks))
            open_blocks.clear()

    edges = {edge for span in example_spans(article.text) for edge in span}
    for block in _blocks(article.text, count):
        total = sum(b.pieces for b in open_blocks)
        # A worked example stands alone: its prices are known later than the text around it.
        edge = bool(open_blocks) and any(open_blocks[0].start < at <= block.start for at in edges)
        if total + block.pieces > MOST or (block.opens and total >= ENOUGH) or edge:
            close()
        open_blocks.append(block)
    close()
    return tuple(chunks)


def _chunk(article: Article, blocks: list[_Block]) -> Chunk:
    start, end = blocks[0].start, blocks[-1].end
    text = article.text[start:end]
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    section = blocks[0].section
    name = f"{article.slug}-{digest[:16]}"
    return Chunk(name, article.slug, article.title, section, text, start, end, digest)


def _blocks(body: str, count: Callable[[str], int]) -> Iterator[_Block]:
    """Give the paragraphs, a heading joined to the paragraph below it, long ones cut."""
    section = ""
    heading_at: int | None = None
    for found in PARAGRAPH.finditer(body):
        start, end = found.start(), found.end()
        heading = _HEADING.match(body, start, end)
        if heading:
            section = heading.group(1)
            if heading.end() == end:
                heading_at = start if heading_at is None else heading_at
                continue
        opens = heading is not None or heading_at is not None
        start, heading_at = (start if heading_at is None else heading_at), None
        for first, last in cut_long(body, start, end, count):
            pieces = count(body[first:last])
            yield _Block(first, last, section, pieces, opens and first == start)
    if heading_at is not None:
        last = len(body.rstrip())
        yield _Block(heading_at, last, section, count(body[heading_at:last]), True)


def cut_long(
    body: str, start: int, end: int, count: Callable[[str], int], most: int = MOST
) -> Iterator[tuple[int, int]]:
    """Cut a paragraph that is too long at the sentence end nearest its middle, else at a space.

    Gives the places in `body` of parts of at most `most` word pieces.
    """
    if count(body[start:end]) <= most or end - start < 2:
        yield start, end
        return
    middle = (start + end) // 2
    marks = list(_SENTENCE_END.finditer(body, start + 1, end - 1)) or list(
        re.compile(r"\s+").finditer(body, start + 1, end - 1)
    )
    best = min(marks, key=lambda m: abs(m.start() - middle), default=None)
    left, right = (best.start(), best.end()) if best else (middle, middle)
    yield from cut_long(body, start, left, count, most)
    yield from cut_long(body, right, end, count, most)
