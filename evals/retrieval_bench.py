"""The knowledge index on this machine: indexing, and searching after many small updates.

What is indexed comes from the project's own articles, so that it needs no other data.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from evals.retrieval_first import first_search
from evals.retrieval_sets import own_questions
from evals.retrieval_speed import Figure, Tell, Times, indexing, measure
from knowledge_base.articles import load_articles
from rag_index.cache import EmbeddingCache, embed_cached
from rag_index.chunk import chunk_article
from rag_index.embed import Encoder

SAMPLE = 200  # passages embedded to see how fast that goes


def knowledge(
    folder: Path, embedder: Encoder, cache: Path, chunks: int, tell: Tell
) -> Iterator[Figure | Times]:
    """Measure with `chunks` passages and an update for every hundred; `folder` is filled."""
    articles = load_articles()
    texts = [p.indexed for article in articles for p in chunk_article(article, embedder.count)]
    step = max(1, len(texts) // SAMPLE)
    yield from indexing(embedder, texts[::step][:SAMPLE], tell)
    asked = [judged.question for judged in own_questions()]
    tell("embedding the articles and their questions, once")
    kept = EmbeddingCache(cache, embedder.model_id, embedder.dimensions)
    vectors, _ = embed_cached(kept, texts + asked, embedder, lambda *_: None)
    questions = list(zip(asked, vectors[len(texts) :], strict=True))
    yield from measure(
        folder,
        texts,
        vectors[: len(texts)],
        questions,
        chunks=chunks,
        updates=chunks // 100,
        tell=tell,
    )
    tell("the first search of a new process")
    yield from first_search(folder, *questions[0])
