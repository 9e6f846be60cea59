"""Remembers embeddings by the hash of their text, so that a rebuild embeds only what changed."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from rag_index.embed import DIMENSIONS, Encoder
from rag_index.rows import Vector

Progress = Callable[[int, int, str], None]
_BATCH = 16  # a kill loses no more


class EmbeddingCache:
    """A SQLite file of vectors; a damaged file is thrown away, for it can be computed again."""

    def __init__(self, path: Path, model_id: str, dimensions: int = DIMENSIONS) -> None:
        """Open or create the file; vectors of another `model_id` are never given back."""
        self._path, self._model_id, self._dimensions = path, model_id, dimensions
        try:
            self._create()
        except sqlite3.OperationalError:  # locked, full or read-only: the file itself is sound
            raise
        except sqlite3.DatabaseError:
            self._start_anew()

    def get(self, texts: Sequence[str]) -> dict[str, Vector]:
        """Give the vector of each text that is remembered."""
        found: dict[str, Vector] = {}
        query = "SELECT vector FROM embeddings WHERE key = ?"
        try:
            with closing(sqlite3.connect(self._path)) as db:
                for text in texts:
                    row = db.execute(query, (self._key(text),)).fetchone()
                    if row and len(row[0]) == 4 * self._dimensions:
                        found[text] = np.frombuffer(row[0], dtype="<f4")
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            self._start_anew()
            return {}
        return found

    def put(self, texts: Sequence[str], vectors: Vector) -> None:
        """Remember one row of `vectors` per text, durably before it returns."""
        rows = [
            (self._key(text), vector.astype("<f4").tobytes())
            for text, vector in zip(texts, vectors, strict=True)
        ]
        with closing(sqlite3.connect(self._path)) as db, db:
            db.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?)", rows)

    def keep(self, texts: Sequence[str]) -> None:
        """Forget every text but these."""
        keys = [(self._key(text),) for text in texts]
        with closing(sqlite3.connect(self._path)) as db, db:
            db.execute("CREATE TEMP TABLE wanted (key TEXT PRIMARY KEY)")
            db.executemany("INSERT OR IGNORE INTO wanted VALUES (?)", keys)
            db.execute("DELETE FROM embeddings WHERE key NOT IN (SELECT key FROM wanted)")

    def _key(self, text: str) -> str:
        return hashlib.sha256(f"{self._model_id}\0{text}".encode()).hexdigest()

    def _start_anew(self) -> None:
        self._path.unlink(missing_ok=True)
        self._create()

    def _create(self) -> None:
        with closing(sqlite3.connect(self._path)) as db, db:
            db.execute(
                "CREATE TABLE IF NOT EXISTS embeddings (key TEXT PRIMARY KEY, vector BLOB NOT NULL)"
            )
            db.execute("SELECT key, vector FROM embeddings LIMIT 1").fetchone()


def embed_cached(
    cache: EmbeddingCache, texts: Sequence[str], embedder: Encoder, progress: Progress
) -> tuple[Vector, int]:
    """Give one vector per text and how many had to be computed; each batch is kept as it is made.

    `progress` is told (texts done, texts in all, what is being done).
    """
    known = cache.get(texts)
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    for start in range(0, len(missing), _BATCH):
        progress(len(texts) - len(missing) + start, len(texts), "embedding")
        some = missing[start : start + _BATCH]
        vectors = embedder.embed(some)
        cache.put(some, vectors)
        known |= dict(zip(some, vectors, strict=True))
    empty = np.zeros((0, embedder.dimensions), np.float32)
    return np.stack([known[text] for text in texts]) if texts else empty, len(missing)
