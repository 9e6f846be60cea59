"""The questions of the retrieval benchmark: about the articles, and about reports in a folder."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from evals.retrieval import Judged, Line, evaluate
from knowledge_base.articles import Article, load_articles
from rag_index.cache import EmbeddingCache, embed_cached
from rag_index.chunk import chunk_article
from rag_index.document_rows import DocumentFacts
from rag_index.embed import Encoder
from rag_index.fusion import TABLE_BARS
from rag_index.rows import ARTICLES, DOCUMENTS, Row, row_of
from rag_index.snapshot import MemoryStore

QUESTIONS = Path(__file__).parent / "questions"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

Progress = Callable[[int, int, str], None]


class NoData(Exception):
    """There is nothing to measure; the message says why."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A set of questions over so many passages, and the figures."""

    name: str
    passages: int
    lines: tuple[Line, ...]


def measure_articles(
    embedder: Encoder, cache: Path, progress: Progress, articles: tuple[Article, ...] | None = None
) -> Measured:
    """Measure the questions of evals/questions on the articles; an article counts, not its part."""
    rows = [
        row_of(piece, article)
        for article in articles or load_articles()
        for piece in chunk_article(article, embedder.count)
    ]
    return _measure("articles", ARTICLES, rows, own_questions(), embedder, cache, progress)


def measure_reports(folder: Path, embedder: Encoder, cache: Path, progress: Progress) -> Measured:
    """Measure a folder with *corpus*.jsonl(.gz) and *queries*.jsonl(.gz), as BEIR lays them out.

    A passage has `_id` and `text`, and may have `title`, `company`, `ticker` and `fiscal_year`; a
    question has `text` and the `relevant` ids, and may have a `kind`. Raises NoData without them.
    """
    passages, questions = _lines(folder, "corpus"), _lines(folder, "queries")
    rows = [_passage(plain) for plain in passages]
    tables = {row.document for row in rows if row.text.count("|") >= TABLE_BARS}
    known = {row.document for row in rows}
    judged = [
        Judged(plain["text"], frozenset(relevant), plain.get("kind") or _kind(relevant, tables))
        for plain in questions
        if (relevant := known & set(plain["relevant"]))
    ]
    if not judged:
        raise NoData(f"no question in {folder} has an answer among its passages")
    return _measure("reports", DOCUMENTS, rows, judged, embedder, cache, progress)


def own_questions() -> list[Judged]:
    """Read the questions about the articles, one file per kind."""
    return [
        Judged(question, frozenset(articles), path.stem)
        for path in sorted(QUESTIONS.glob("*.yaml"))
        for question, articles in yaml.safe_load(path.read_text("utf-8")).items()
    ]


def _measure(
    name: str,
    collection: str,
    rows: list[Row],
    judged: list[Judged],
    embedder: Encoder,
    cache: Path,
    progress: Progress,
) -> Measured:
    cache.parent.mkdir(parents=True, exist_ok=True)
    kept = EmbeddingCache(cache, embedder.model_id, embedder.dimensions)
    texts = [row.indexed for row in rows] + [j.question for j in judged]
    vectors, _ = embed_cached(kept, texts, embedder, progress)
    store = MemoryStore(rows, np.ascontiguousarray(vectors[: len(rows)]))
    return Measured(name, len(rows), evaluate(store, collection, judged, vectors[len(rows) :]))


def _lines(folder: Path, name: str) -> list[dict[str, Any]]:
    paths = sorted(folder.glob(f"*{name}*.jsonl*")) if folder.is_dir() else []
    if not paths:
        raise NoData(f"there is no *{name}*.jsonl in {folder}")
    path = paths[0]
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open() as file
        ):
            return [json.loads(line) for line in file if line.strip()]
    except (OSError, ValueError) as error:
        raise NoData(f"{path} can't be read: {error}") from error


def _passage(plain: dict[str, Any]) -> Row:
    facts = DocumentFacts(
        document=str(plain["_id"]),
        title=plain.get("title") or "",
        known_at=_LONG_AGO,
        source="",
        company=plain.get("company") or "",
        ticker=plain.get("ticker") or "",
        fiscal_year=int(plain.get("fiscal_year") or 0),
    )
    return facts.row(plain["text"], 0)


def _kind(relevant: set[str], tables: set[str]) -> str:
    if relevant <= tables:
        return "table"
    return "table and text" if relevant & tables else "text"
