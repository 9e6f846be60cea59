"""A place for rows other than LanceDB tables below the index's folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from rag_index.embed import Encoder
from rag_index.manifest import Manifest
from rag_index.rows import Row, Store, Vector


class OpenStore(Store, Protocol):
    """A store that also gives all that it holds."""

    def rows(self) -> list[Row]:
        """Give every row, in no order."""
        ...


class Backend(Protocol):
    """Keeps the rows; the manifests that publish them stay on this machine."""

    @property
    def label(self) -> str:
        """Name it for people: "Weaviate at http://…"."""
        ...

    def home(self, folder: Path) -> Path:
        """Say where, below the folder of the index, the manifests of these rows lie."""
        ...

    def store(self, now: Manifest) -> OpenStore:
        """Open what a manifest publishes; asks nothing of a server yet."""
        ...

    def writer(self, folder: Path, embedder: Encoder | None) -> Any:
        """Open the documents for writing: a `DocumentWriter`."""
        ...

    def write(self, home: Path, name: str, rows: Sequence[Row], vectors: Vector) -> str:
        """Write a whole collection; give its name there, which ends in `name`."""
        ...

    def drop(self, home: Path, name: str) -> None:
        """Remove a whole collection that was written under this name."""
        ...

    def clear(self, home: Path) -> None:
        """Remove the documents' collection."""
        ...
