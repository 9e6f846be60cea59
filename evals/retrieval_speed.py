"""How fast and how exact the index is with very many passages, after many small updates.

The passages are real ones cut and recombined: each joins pieces of two real passages, and its
vector is the weighted mean of their vectors, of length 1, about what mean pooling would give it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from evals.retrieval_recombined import FIRST, PER_DOCUMENT, Recombined
from rag_index.collection import Collection
from rag_index.embed import Encoder
from rag_index.manifest import read_manifest
from rag_index.ranking import rank_documents
from rag_index.rows import Scope, Store, Vector
from rag_index.store import LanceStore
from rag_index.updates import documents_folder, writer

_NOW = datetime(2030, 1, 1, tzinfo=UTC)
_WARM_UP = 20
Tell = Callable[[str], None]
Questions = Sequence[tuple[str, Vector]]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement."""

    what: str
    measured: float
    unit: str


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds on the clock, and of this process's processor time; half and 95 % are faster."""

    what: str
    p50_ms: float
    p95_ms: float
    cpu_p50_ms: float
    cpu_p95_ms: float


def indexing(embedder: Encoder, texts: Sequence[str], tell: Tell) -> Iterator[Figure]:
    """Measure how many real passages a second are embedded, the model loaded before."""
    embedder.embed(texts[:1])
    where = getattr(embedder, "device", "processor")
    tell(f"embedding {len(texts)} passages on the {where}")
    began, worked = time.perf_counter(), time.process_time()
    embedder.embed(texts)
    took, cpu = time.perf_counter() - began, time.process_time() - worked
    yield Figure(f"embedding {len(texts)} passages on the {where}", len(texts) / took, "passages/s")
    yield Figure("the same by processor time", len(texts) / cpu, "passages per CPU s")


def measure(
    folder: Path,
    texts: Sequence[str],
    vectors: Vector,
    questions: Questions,
    *,
    chunks: int = 100_000,
    updates: int = 1_000,
    tell: Tell = lambda said: None,
) -> Iterator[Figure | Times]:
    """Fill an index, update documents of it one by one, and search it; figures as they come."""
    encoder = Recombined(texts, vectors)
    documents = max(1, chunks // PER_DOCUMENT)
    tell(f"filling an index with {documents * PER_DOCUMENT:,} passages")
    began = time.perf_counter()
    with writer(folder, encoder) as opened:
        opened.put_all({f"d{n}": encoder.rows(f"d{n}") for n in range(documents)})
    yield Figure("filling the index, embeddings known", time.perf_counter() - began, "s")
    asked = list(questions)
    random.Random(7).shuffle(asked)  # noqa: S311 (no secret) - neighbours ask for the same rows
    yield from _updated(folder, encoder, asked, documents, updates, tell)
    home = documents_folder(folder)
    now = read_manifest(home)
    began = time.perf_counter()
    store = LanceStore(home, now.table, now.chunks, now.version)
    yield Figure("opening the table", time.perf_counter() - began, "s")
    yield Figure("passages", now.chunks, "")
    yield Figure("updates since the last upkeep", now.pending, "")
    tell("searching")
    yield from _searched(store, asked)
    tell("searching exactly, to compare")
    yield Figure("recall@10 against an exact search", _recall(store, encoder, asked), "")


def _updated(
    folder: Path, encoder: Recombined, asked: Questions, documents: int, updates: int, tell: Tell
) -> Iterator[Figure | Times]:
    """Update one document after the other, and search after some as another process would."""
    opened = Collection(documents_folder(folder), encoder.model_id)
    puts, after = _Watch("an update of one document"), _Watch("the first search after an update")
    for number in range(updates):
        name = f"d{(number * 37) % documents}"
        rows = encoder.rows(name)
        with puts, writer(folder, encoder) as held:
            held.put(name, rows)
        if number % 20 == 19:
            text, vector = asked[number % len(asked)]
            with after:
                _ask(opened, text, vector)
        if number % 100 == 99:
            tell(f"{number + 1:,} of {updates:,} updates")
    if updates:
        yield puts.times()
        yield Figure("the slowest update", max(puts.wall) / 1e3, "s")
    if after.wall:
        yield after.times()


def _ask(opened: Collection, text: str, vector: Vector) -> None:
    opened.ask(lambda store: rank_documents(store, text, vector, Scope(_NOW)))


def _searched(store: Store, asked: Questions) -> Iterator[Times]:
    for what, at in (
        ("both rankings joined", _NOW),
        ("the same as of a day in between", FIRST + timedelta(days=1_500)),
    ):
        watch = _Watch(what)
        for text, vector in asked[:_WARM_UP]:  # the first ones read the files
            rank_documents(store, text, vector, Scope(at))
        for text, vector in asked[_WARM_UP:] or asked:
            with watch:
                rank_documents(store, text, vector, Scope(at))
        yield watch.times()


def _recall(store: LanceStore, encoder: Recombined, questions: Questions) -> float:
    rows = store.rows()
    all_vectors = encoder.embed([row.indexed for row in rows])
    found = []
    for _, vector in questions:
        cosines = all_vectors @ vector
        many = min(10, len(cosines))
        last = np.partition(cosines, -many)[-many]
        hits = store.near(vector, Scope(_NOW), many)
        found.append(sum(hit.cosine >= last - 1e-6 for hit in hits) / many)
    return float(np.mean(found))


class _Watch:
    """Times what is done inside it, again and again."""

    def __init__(self, what: str) -> None:
        self._what, self.wall, self._cpu = what, list[float](), list[float]()
        self._began = self._worked = 0.0

    def __enter__(self) -> None:
        self._began, self._worked = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        self.wall.append((time.perf_counter() - self._began) * 1e3)
        self._cpu.append((time.process_time() - self._worked) * 1e3)

    def times(self) -> Times:
        """Give the halves and the 95 % of what was timed."""
        figures = [float(np.quantile(of, q)) for of in (self.wall, self._cpu) for q in (0.5, 0.95)]
        return Times(self._what, *figures)
