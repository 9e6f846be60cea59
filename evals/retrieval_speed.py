"""How fast and how exact the index is with a hundred thousand passages, after many small updates.

The passages are real ones cut and recombined: each joins pieces of two real passages, and its
vector is the weighted mean of their vectors, of length 1, about what mean pooling would give it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from rag_index.document_rows import DocumentFacts
from rag_index.manifest import read_manifest
from rag_index.rows import Row, Scope, Vector
from rag_index.store import LanceStore
from rag_index.updates import documents_folder, writer

PER_DOCUMENT = 20
POOL = 50
_FIRST = datetime(2015, 1, 1, tzinfo=UTC)
_NOW = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Speed:
    """Times in milliseconds of one search (both rankings); recall@10 against an exact search."""

    chunks: int
    updates: int
    build_s: float
    update_p50_ms: float
    recall_at_10: float
    search_p50_ms: float
    search_p95_ms: float
    as_of_p50_ms: float
    as_of_p95_ms: float


class Recombined:
    """An encoder that knows the vectors of the passages it made."""

    model_id = "recombined"
    dimensions = 384

    def __init__(self, texts: Sequence[str], vectors: Vector, seed: int = 7) -> None:
        """Recombine `texts`, whose vectors are `vectors`."""
        self._texts, self._vectors = texts, vectors
        self._random = np.random.default_rng(seed)
        self._made: dict[str, Vector] = {}

    def rows(self, document: str) -> list[Row]:
        """Make the passages of one document."""
        number = int(self._random.integers(0, 3_000))
        facts = DocumentFacts(
            document=document,
            title=f"Annual report {document}",
            known_at=_FIRST + timedelta(days=number),
            source="recombined",
            company=f"Company {number % 200}",
            fiscal_year=2015 + number // 365,
        )
        rows, start = [], 0
        for _ in range(PER_DOCUMENT):
            one, two = self._random.integers(0, len(self._texts), 2)
            share = float(self._random.uniform(0.2, 0.8))
            text = f"{_part(self._texts[one], share)} {_part(self._texts[two], 1 - share)}"
            row = facts.row(text, start)
            mixed = share * self._vectors[one] + (1 - share) * self._vectors[two]
            self._made[row.indexed] = mixed / np.linalg.norm(mixed)
            rows.append(row)
            start = row.end + 1
        return rows

    def count(self, text: str) -> int:
        """Count the words."""
        return len(text.split())

    def embed(self, texts: Sequence[str]) -> Vector:
        """Give what was made."""
        return np.stack([self._made[text] for text in texts])


def measure(
    folder: Path,
    texts: Sequence[str],
    vectors: Vector,
    questions: Sequence[tuple[str, Vector]],
    *,
    chunks: int = 100_000,
    updates: int = 1_000,
    tell: Callable[[str], None] = lambda said: None,
) -> Speed:
    """Fill an index, update documents of it one by one, and search it."""
    encoder = Recombined(texts, vectors)
    documents = chunks // PER_DOCUMENT
    began = time.perf_counter()
    with writer(folder, encoder) as opened:
        batch = {f"d{n}": encoder.rows(f"d{n}") for n in range(documents)}
        opened.put_all(batch)
    built = time.perf_counter() - began
    tell(f"{chunks} passages in {built:.0f} s")
    took = []
    for number in range(updates):
        name = f"d{(number * 37) % documents}"
        rows = encoder.rows(name)
        began = time.perf_counter()
        with writer(folder, encoder) as opened:
            opened.put(name, rows)
        took.append(time.perf_counter() - began)
        if number % 100 == 99:
            tell(f"{number + 1} updates, {sum(took):.0f} s")
    home = documents_folder(folder)
    now = read_manifest(home)
    store = LanceStore(home, now.table, now.chunks, now.version)
    plain = _times(store, questions, _NOW)
    dated = _times(store, questions, _FIRST + timedelta(days=1_500))
    return Speed(
        chunks=now.chunks,
        updates=updates,
        build_s=built,
        update_p50_ms=float(np.median(took)) * 1e3 if took else 0.0,
        recall_at_10=_recall(store, encoder, questions),
        search_p50_ms=float(np.quantile(plain, 0.5)),
        search_p95_ms=float(np.quantile(plain, 0.95)),
        as_of_p50_ms=float(np.quantile(dated, 0.5)),
        as_of_p95_ms=float(np.quantile(dated, 0.95)),
    )


def _part(text: str, share: float) -> str:
    words = text.split(" ")
    return " ".join(words[: max(1, round(len(words) * share))])


def _times(store: LanceStore, questions: Sequence[tuple[str, Vector]], at: datetime) -> list[float]:
    scope, times = Scope(at), []
    for number, (text, vector) in enumerate([*questions[:20], *questions]):
        began = time.perf_counter()
        store.near(vector, scope, POOL)
        store.matching(text, vector, scope, POOL)
        if number >= 20:  # the first ones read the files
            times.append((time.perf_counter() - began) * 1e3)
    return times


def _recall(
    store: LanceStore, encoder: Recombined, questions: Sequence[tuple[str, Vector]]
) -> float:
    rows = store.rows()
    all_vectors = encoder.embed([row.indexed for row in rows])
    scope, found = Scope(_NOW), []
    for _, vector in questions:
        cosines = all_vectors @ vector
        tenth = np.partition(cosines, -10)[-10]
        hits = store.near(vector, scope, 10)
        found.append(sum(hit.cosine >= tenth - 1e-6 for hit in hits) / 10)
    return float(np.mean(found))
