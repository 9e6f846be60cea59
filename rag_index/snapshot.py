"""A copy of the table in one file, searched in memory: exact, and ready in milliseconds.

LanceDB holds the index of record, but importing it alone costs more than half of the four seconds
that a cold question may take. Up to MOST_ROWS rows an exact search in memory is also the faster.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag_index.errors import BUILD, IndexCorrupt
from rag_index.rows import Facets, Hit, Row, Scope, Vector, row_from
from rag_index.words import Words

MOST_ROWS = 20_000


def write_snapshot(path: Path, rows: Sequence[Row], vectors: Vector) -> str:
    """Write the rows and their vectors; give the SHA-256 of the file in hexadecimal."""
    text = json.dumps([row.plain() for row in rows], ensure_ascii=False).encode("utf-8")
    buffer = io.BytesIO()
    np.savez(buffer, vectors=vectors, rows=np.frombuffer(text, np.uint8))
    path.write_bytes(buffer.getvalue())
    return hashlib.sha256(buffer.getvalue()).hexdigest()


class MemoryStore:
    """Rows searched in memory; immutable, so any number of threads may use it."""

    def __init__(self, rows: Sequence[Row], vectors: Vector) -> None:
        """Take the rows with one vector each."""
        self._rows, self._vectors = rows, vectors
        self._words = Words([row.indexed for row in rows])
        pairs = sorted({(row.company, row.ticker) for row in rows if row.company})
        self._facets = Facets(tuple(pairs), max((row.known_at for row in rows), default=None))

    def near(self, vector: Vector, scope: Scope, limit: int) -> list[Hit]:
        """Give the nearest rows by an exact search."""
        cosines = self._vectors @ vector
        return self._best(cosines, cosines, scope, limit)

    def matching(self, words: str, vector: Vector, scope: Scope, limit: int) -> list[Hit]:
        """Give the rows that hold any of the words, by BM25."""
        scores = self._words.scores(words)
        keys = np.where(scores > 0, scores, -np.inf)
        return self._best(keys, self._vectors @ vector, scope, limit, scores)

    def facets(self) -> Facets:
        """Give the companies and tickers in the snapshot."""
        return self._facets

    def rows(self) -> list[Row]:
        """Give every row, in the order of the table."""
        return list(self._rows)

    def _best(
        self,
        keys: NDArray[np.floating[Any]],
        cosines: Vector,
        scope: Scope,
        limit: int,
        words: NDArray[np.float64] | None = None,
    ) -> list[Hit]:
        hits: list[Hit] = []
        for index in np.argsort(-keys, kind="stable"):
            if len(hits) == limit or keys[index] == -np.inf:
                break
            if scope.allows(self._rows[index]):
                said = 0.0 if words is None else float(words[index])
                vector = self._vectors[index]
                hits.append(Hit(self._rows[index], float(cosines[index]), said, vector))
        return hits


class SnapshotStore(MemoryStore):
    """The snapshot read into memory."""

    def __init__(self, path: Path, sha256: str) -> None:
        """Read the file; raises IndexCorrupt if it is missing or is not the one that was built."""
        try:
            whole = path.read_bytes()
            if hashlib.sha256(whole).hexdigest() != sha256:
                raise ValueError("its hash is another")
            with np.load(io.BytesIO(whole), allow_pickle=False) as file:
                vectors: Vector = file["vectors"]
                rows = [row_from(plain) for plain in json.loads(file["rows"].tobytes())]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexCorrupt(f"the index file {path} can't be used ({error}): {BUILD}") from error
        super().__init__(rows, vectors)
