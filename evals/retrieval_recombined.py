"""Makes as many passages as one wants out of real ones, with vectors to go with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from rag_index.document_rows import DocumentFacts
from rag_index.rows import Row, Vector

PER_DOCUMENT = 20
FIRST = datetime(2015, 1, 1, tzinfo=UTC)


class Recombined:
    """An encoder that knows the vectors of the passages it made."""

    model_id = "recombined"

    def __init__(self, texts: Sequence[str], vectors: Vector, seed: int = 7) -> None:
        """Recombine `texts`, whose vectors are `vectors`."""
        self._texts, self._vectors = texts, vectors
        self.dimensions = int(vectors.shape[1])
        self._random = np.random.default_rng(seed)
        self._made: dict[str, Vector] = {}

    def rows(self, document: str) -> list[Row]:
        """Make the passages of one document."""
        number = int(self._random.integers(0, 3_000))
        facts = DocumentFacts(
            document=document,
            title=f"Annual report {document}",
            known_at=FIRST + timedelta(days=number),
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


def _part(text: str, share: float) -> str:
    words = text.split(" ")
    return " ".join(words[: max(1, round(len(words) * share))])
