"""Answers a question with passages: by meaning and by words, as of a moment, each one citable."""

from __future__ import annotations

import hashlib
import threading
from datetime import UTC, datetime
from pathlib import Path

from knowledge_base.articles import load_articles
from rag_index.embed import Embedder
from rag_index.errors import BUILD, IndexCorrupt
from rag_index.fusion import Passage, diverse, fuse
from rag_index.manifest import Manifest, read_manifest, snapshot_path
from rag_index.rows import Scope, Store
from rag_index.snapshot import SnapshotStore
from rag_index.store import LanceStore

__all__ = ["KnowledgeIndex", "Passage"]

POOL = 40  # rows that each ranking hands to the fusion
MOST_CHARACTERS = 2_000  # of a question; the embedder reads its first 256 word pieces anyway


class KnowledgeIndex:
    """An index opened for reading; one instance may be used from several threads."""

    def __init__(self, folder: Path, manifest: Manifest, store: Store, embedder: Embedder) -> None:
        """Use `open` instead."""
        self._folder, self._embedder = folder, embedder
        self._opened: tuple[Manifest, Store] = (manifest, store)
        self._lock = threading.Lock()
        self._bodies: dict[str, str] | None = None

    @classmethod
    def open(
        cls, folder: Path, *, embedder: Embedder | None = None, in_memory: bool = True
    ) -> KnowledgeIndex:
        """Open the index in `folder`; with `in_memory` off, search the LanceDB table itself.

        Raises IndexMissing if none was built, IndexCorrupt if it can't be read or was built with
        other weights, ModelMissing if the weights are not installed.
        """
        embedder = embedder or Embedder(graphs=folder)
        manifest = read_manifest(folder)
        if manifest.model != embedder.model_id:
            raise IndexCorrupt(f"the index in {folder} was built with another model: {BUILD}")
        store: Store
        if in_memory and manifest.snapshot_sha256 is not None:
            path = snapshot_path(folder, manifest.generation)
            store = SnapshotStore(path, manifest.snapshot_sha256)
        else:
            store = LanceStore(folder, manifest.table, manifest.chunks)
        return cls(folder, manifest, store, embedder)

    def warm(self) -> None:
        """Load the model now, so that the first search does not wait for it."""
        self._embedder.embed(["warm"])

    def search(
        self, query: str, *, as_of: datetime, limit: int = 5, kind: str | None = None
    ) -> tuple[Passage, ...]:
        """Give at most `limit` passages known at `as_of`, best first, two per article at most.

        Nothing is given when nothing is relevant. Raises ValueError for an empty query, a limit
        below 1, or an `as_of` without a time zone.
        """
        if not query.strip():
            raise ValueError("the question is empty: ask something in words")
        if as_of.tzinfo is None or as_of.utcoffset() is None:
            raise ValueError("as_of needs a time zone: give an aware datetime in UTC")
        if limit < 1:
            raise ValueError(f"limit is {limit}: ask for at least 1 passage")
        question = query[:MOST_CHARACTERS]
        scope = Scope(as_of.astimezone(UTC), kind)
        (vector,) = self._embedder.embed([question])
        _, store = self._opened
        near = store.near(vector, scope, POOL)
        matching = store.matching(question, vector, scope, POOL)
        return diverse(fuse(near, matching), limit)

    def resolve(self, passage: Passage) -> str:
        """Read the passage's span from its article again.

        Raises IndexCorrupt if the article is gone or says something else there by now.
        """
        with self._lock:
            if self._bodies is None:
                self._bodies = {article.slug: article.text for article in load_articles()}
        text = self._bodies.get(passage.document, "")[passage.start : passage.end]
        if hashlib.sha256(text.encode("utf-8")).hexdigest() != passage.sha256:
            raise IndexCorrupt(f"the article '{passage.document}' has changed: {BUILD}")
        return text
