"""Reads text and Markdown: the text as it stands, headings and tables marked."""

from __future__ import annotations

import re

from rag_index.documents.canonical import Canonical, Writer, names_a_part, seen
from rag_index.documents.encoding import decode

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BLANK = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_HEADING = re.compile(r"#{1,6}[ \t]+\S")
_FENCE = re.compile(r"^(?:```|~~~)", re.MULTILINE)
_COLUMNS = re.compile(r"\S {2,}\S.*\d")


def read_text(raw: bytes, name: str) -> Canonical:
    """Read a plain text file; several lines set in columns are a table."""
    return text_of(decode(raw, name)[0])


def text_of(text: str) -> Canonical:
    """Mark a plain text that is decoded already."""
    writer = Writer()
    for block in _BLANK.split(seen(text)):
        lines = block.strip("\n").split("\n")
        if names_a_part(lines[0].strip()):
            writer.heading(lines.pop(0))
        if len(lines) > 1 and sum(bool(_COLUMNS.search(line)) for line in lines) * 2 > len(lines):
            writer.table_lines("\n".join(lines))
        else:
            writer.lines("\n".join(lines))
    first = next((line.strip() for line in text.split("\n") if line.strip()), "")
    return writer.done(first if len(first) <= 100 else "")


def read_markdown(raw: bytes, name: str) -> Canonical:
    """Read a Markdown file; comments, which no reader of the page sees, are dropped."""
    writer, title, fenced = Writer(), "", False
    for block in _BLANK.split(_COMMENT.sub("", seen(decode(raw, name)[0]))):
        lines = block.strip("\n").split("\n")
        starts_fenced, fences = fenced, len(_FENCE.findall(block))
        fenced = fenced != bool(fences % 2)
        while not starts_fenced and lines and _HEADING.match(lines[0]):
            title = title or lines[0].lstrip("# ").strip()
            writer.heading(lines.pop(0))
        if len(lines) > 1 and all(line.lstrip().startswith("|") for line in lines):
            writer.table_lines("\n".join(lines))
        else:
            writer.lines("\n".join(lines))
    return writer.done(title)
