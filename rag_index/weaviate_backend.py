"""Keeps the index's rows in a Weaviate server: one collection a build, and one of documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag_index.embed import Encoder
from rag_index.manifest import Manifest
from rag_index.rows import Row, Vector
from rag_index.updates import documents_folder
from rag_index.weaviate_server import WeaviateServer
from rag_index.weaviate_store import WeaviateStore
from rag_index.weaviate_writer import COLLECTION, WeaviateWriter, insert


@dataclass(frozen=True, slots=True)
class WeaviateBackend:
    """The server as the index knows it."""

    server: WeaviateServer

    @property
    def label(self) -> str:
        """Name it for people."""
        return f"Weaviate at {self.server.url}"

    def home(self, folder: Path) -> Path:
        """Say where, below the folder of the index, the manifests of these rows lie."""
        return self.server.home(folder)

    def store(self, now: Manifest) -> WeaviateStore:
        """Open what a manifest publishes; asks nothing of the server yet."""
        return WeaviateStore(self.server, now)

    def writer(self, folder: Path, embedder: Encoder | None) -> WeaviateWriter:
        """Open the documents for writing; embeddings are kept where those of LanceDB are."""
        home = documents_folder(self.home(folder))
        return WeaviateWriter(home, embedder, self.server, documents_folder(folder))

    def write(self, home: Path, name: str, rows: Sequence[Row], vectors: Vector) -> str:
        """Write a whole collection; nobody sees it before a manifest names it."""
        whole = f"{self.server.prefix(home)}_{name}"
        self.server.create(whole, f"Tollgate's passages of articles: {name}")
        insert(self.server, whole, 0, rows, vectors)
        return whole

    def drop(self, home: Path, name: str) -> None:
        """Remove a build that nobody reads any more."""
        self.server.drop(f"{self.server.prefix(home)}_{name}")

    def clear(self, home: Path) -> None:
        """Remove the documents' collection."""
        self.server.drop(f"{self.server.prefix(home)}_{COLLECTION}")
