"""Random questions as of random moments: nothing that was known later may be found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np

from rag_index.ranking import rank_articles, rank_documents
from rag_index.rows import Row, Scope, Store, Vector

_FIRST = datetime(1900, 1, 1, tzinfo=UTC)


def later_rows(
    store: Store, rows: Sequence[Row], trials: int, *, seed: int = 7, dimensions: int = 384
) -> int:
    """Count the rows found in so many trials that were known only after the moment asked for.

    Half of the moments are a row's own `known_at` or a microsecond before it. Questions are words
    of the rows, their vectors random ones of length 1.
    """
    random, numbers = Random(seed), np.random.default_rng(seed)  # noqa: S311 (no secret)
    moments = sorted({row.known_at for row in rows})
    words = sorted({word for row in rows[:500] for word in row.text.split()})
    wrong = 0
    for _ in range(trials):
        if random.random() < 0.5:
            at = random.choice(moments) - timedelta(microseconds=random.choice((0, 1)))
        else:
            at = _FIRST + timedelta(days=random.uniform(0, 365 * 200))
        drawn = numbers.normal(size=dimensions).astype(np.float32)
        vector: Vector = drawn / np.linalg.norm(drawn)
        question = " ".join(random.choices(words, k=4))
        rank = random.choice((rank_articles, rank_documents))
        found = rank(store, question, vector, Scope(at))
        hits = [one.hit for one in found] or store.near(vector, Scope(at), 10)
        wrong += sum(hit.row.known_at > at for hit in hits)
    return wrong
