"""Whoever gives a reranker decides the order of the passages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rag_index.embed import Embedder
from rag_index.search import KnowledgeIndex

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Backwards:
    """A reranker that turns the order round."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        return [number / len(texts) for number in range(len(texts))]


def test_a_reranker_decides_the_order(index_folder: Path, embedder: Embedder) -> None:
    plain = KnowledgeIndex.open(index_folder, embedder=embedder)
    turned = KnowledgeIndex.open(index_folder, embedder=embedder, reranker=Backwards())
    question = "what is slippage"
    first = [p.id for p in plain.search(question, as_of=NOW, limit=20)]
    second = [p.id for p in turned.search(question, as_of=NOW, limit=20)]
    assert first != second
    assert second[-1] not in first[-1:]
