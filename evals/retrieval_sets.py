"""The questions of the retrieval benchmark: about the articles, and about reports in a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from evals.retrieval import Judged, Line, evaluate
from evals.retrieval_reports import Reports
from knowledge_base.articles import Article, load_articles
from rag_index.cache import EmbeddingCache, embed_cached
from rag_index.chunk import chunk_article
from rag_index.embed import Encoder
from rag_index.rows import ARTICLES, DOCUMENTS, Row, row_of
from rag_index.snapshot import MemoryStore

QUESTIONS = Path(__file__).parent / "questions"

Progress = Callable[[int, int, str], None]


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


def measure_reports(
    reports: Reports, embedder: Encoder, cache: Path, progress: Progress
) -> Measured:
    """Measure the questions about reports on their passages."""
    rows, judged = reports
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
