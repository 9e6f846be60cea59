"""Reads a person's own set of passages and questions, as BEIR lays them out."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evals.retrieval import Judged
from rag_index.document_rows import DocumentFacts
from rag_index.fusion import TABLE_BARS
from rag_index.rows import Row

Reports = tuple[list[Row], list[Judged]]
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class NoData(Exception):
    """There is nothing to measure; the message says why."""


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


Read = TypeVar("Read", bound=_Line)


class _Passage(_Line):
    id: str = Field(alias="_id", min_length=1)
    text: str
    title: str | None = None
    company: str | None = None
    ticker: str | None = None
    fiscal_year: int | None = None


class _Question(_Line):
    text: str = Field(min_length=1)
    relevant: list[str]
    kind: str | None = None


def read_reports(folder: Path) -> Reports:
    """Read *corpus*.jsonl(.gz) and *queries*.jsonl(.gz) of a folder: passages and questions.

    A passage has `_id` and `text`, and may have `title`, `company`, `ticker` and `fiscal_year`; a
    question has `text` and the `relevant` ids, and may have a `kind`. A question without an answer
    among the passages is left out. Raises NoData, with file and line, if that is not there.
    """
    if not folder.is_dir():
        raise NoData(f"{folder} is no folder: name one with *corpus*.jsonl and *queries*.jsonl")
    rows = [_row(passage) for passage in _lines(folder, "corpus", _Passage)]
    if len({row.document for row in rows}) < len(rows):
        raise NoData(f"two passages in {folder} have the same _id: give each its own")
    tables = {row.document for row in rows if row.text.count("|") >= TABLE_BARS}
    known = {row.document for row in rows}
    judged = [
        Judged(question.text, relevant, question.kind or _kind(relevant, tables))
        for question in _lines(folder, "queries", _Question)
        if (relevant := frozenset(known.intersection(question.relevant)))
    ]
    if not judged:
        raise NoData(f"no question in {folder} has an answer among its passages")
    return rows, judged


def _lines(folder: Path, name: str, kind: type[Read]) -> Iterator[Read]:
    paths = sorted(folder.glob(f"*{name}*.jsonl")) + sorted(folder.glob(f"*{name}*.jsonl.gz"))
    if not paths:
        raise NoData(f"there is no *{name}*.jsonl in {folder}")
    path = paths[0]
    try:
        with _opened(path) as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _parsed(kind, line, f"{path}, line {number}")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise NoData(f"{path} can't be read: {error}") from error


def _parsed(kind: type[Read], line: str, where: str) -> Read:
    try:
        return kind.model_validate(json.loads(line))
    except ValidationError as error:
        wrong = error.errors()[0]
        said = " ".join((*map(str, wrong["loc"]), wrong["msg"]))
        raise NoData(f"{where} is no {kind.__name__[1:].lower()}: {said}") from error
    except (ValueError, RecursionError) as error:
        raise NoData(f"{where} is no JSON: {error}") from error


def _opened(path: Path) -> Any:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _row(passage: _Passage) -> Row:
    facts = DocumentFacts(
        document=passage.id,
        title=passage.title or "",
        known_at=_LONG_AGO,
        source="",
        company=passage.company or "",
        ticker=passage.ticker or "",
        fiscal_year=passage.fiscal_year or 0,
    )
    return facts.row(passage.text, 0)


def _kind(relevant: frozenset[str], tables: set[str]) -> str:
    if relevant <= tables:
        return "table"
    return "table and text" if relevant & tables else "text"
