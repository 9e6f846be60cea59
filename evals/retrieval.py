"""How well questions find their passages: by words, by meaning, and by both joined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from rag_index.ranking import rank_articles, rank_documents
from rag_index.rows import ARTICLES, Scope, Vector
from rag_index.snapshot import MemoryStore

DEPTH = 50
RESAMPLES = 1_000
SEED = 20_261_121
_NOW = datetime(2100, 1, 1, tzinfo=UTC)
WAYS = ("BM25", "dense", "fused")
MEASURES = ("nDCG@10", "recall@5", "MRR")


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with the documents (or passages) that answer it."""

    question: str
    relevant: frozenset[str]
    kind: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over questions with the bounds of its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Line:
    """One way of ranking, over the questions of one kind ("all" for all)."""

    way: str
    kind: str
    questions: int
    measures: dict[str, Estimate]


def evaluate(
    store: MemoryStore, collection: str, judged: Sequence[Judged], vectors: Vector
) -> tuple[Line, ...]:
    """Measure the three ways over all questions and each kind; one vector per question."""
    figures: dict[str, NDArray[np.float64]] = {}
    for way in WAYS:
        rank = _rankers(store, collection)[way]
        rankings = [rank(j.question, v) for j, v in zip(judged, vectors, strict=True)]
        figures[way] = np.array(
            [_measured(ids, j.relevant) for ids, j in zip(rankings, judged, strict=True)]
        )
    kinds = ["all", *sorted({j.kind for j in judged})]
    return tuple(
        _line(way, kind, figures[way][[kind in ("all", j.kind) for j in judged]])
        for kind in kinds
        for way in WAYS
    )


def gain(lines: Sequence[Line]) -> float:
    """How much nDCG@10 over all questions is above the better of BM25 and dense by joining."""
    by_way = {line.way: line.measures["nDCG@10"].mean for line in lines if line.kind == "all"}
    return by_way["fused"] - max(by_way["BM25"], by_way["dense"])


def _rankers(store: MemoryStore, collection: str) -> dict[str, Callable[[str, Vector], list[str]]]:
    scope = Scope(_NOW)
    join = rank_articles if collection == ARTICLES else rank_documents
    return {
        "BM25": lambda text, vector: _once(
            hit.row.document for hit in store.matching(text, vector, scope, DEPTH)
        ),
        "dense": lambda text, vector: _once(
            hit.row.document for hit in store.near(vector, scope, DEPTH)
        ),
        "fused": lambda text, vector: _once(
            scored.hit.row.document for scored in join(store, text, vector, scope)
        ),
    }


def _once(ids: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(ids))


def _measured(ids: Sequence[str], relevant: frozenset[str]) -> tuple[float, float, float]:
    """Give nDCG@10, recall@5 and the reciprocal rank of the first right one."""
    ranks = [rank for rank, one in enumerate(ids) if one in relevant]
    ideal = sum(1 / np.log2(rank + 2) for rank in range(min(10, len(relevant))))
    gained = sum(1 / np.log2(rank + 2) for rank in ranks if rank < 10)
    found = sum(rank < 5 for rank in ranks)
    return gained / ideal, found / len(relevant), 1 / (ranks[0] + 1) if ranks else 0.0


def _line(way: str, kind: str, figures: NDArray[np.float64]) -> Line:
    random = np.random.default_rng(SEED)
    chosen = random.integers(0, len(figures), (RESAMPLES, len(figures)))
    means = figures[chosen].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975], axis=0)
    estimates = {
        name: Estimate(float(figures[:, n].mean()), float(low[n]), float(high[n]))
        for n, name in enumerate(MEASURES)
    }
    return Line(way, kind, len(figures), estimates)
