"""Rows and vectors for tests that need no model: a text's vector comes from its words."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from rag_index.document_rows import DocumentFacts
from rag_index.rows import Row

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class WordEncoder:
    """Each word has a fixed random direction; a text is the sum of its words."""

    model_id = "words"
    dimensions = 32

    def count(self, text: str) -> int:
        return len(text.split())

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        vectors = [sum((_direction(w) for w in text.lower().split()), _ones()) for text in texts]
        stacked = np.array(vectors, np.float32).reshape(len(texts), self.dimensions)
        return stacked / np.linalg.norm(stacked, axis=1, keepdims=True)


def _ones() -> np.ndarray:
    return np.full(32, 0.2)


def _direction(word: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
    return np.random.default_rng(seed).normal(size=32)


def facts(document: str = "report", **known: object) -> DocumentFacts:
    given = {"title": f"Report {document}", "known_at": LONG_AGO, "source": "a file"} | known
    return DocumentFacts(document=document, **given)


def rows_of(texts: Sequence[str], document: str = "report", **known: object) -> list[Row]:
    place, rows = 0, []
    for text in texts:
        rows.append(facts(document, **known).row(text, place))
        place += len(text) + 1
    return rows
