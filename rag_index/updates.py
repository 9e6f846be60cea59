"""Keeps the index of a person's own documents: each document put in or taken out in one step.

The manifest names the version of the table that readers see. A writer that is killed leaves a later
version that nobody looks at, and the next writer starts again from the manifest's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from rag_index import manifest, snapshot, tables
from rag_index.backend import Backend
from rag_index.cache import EmbeddingCache, Progress, embed_cached
from rag_index.embed import Encoder
from rag_index.errors import IndexBusy, IndexMissing, KnowledgeIndexError, OtherModel
from rag_index.manifest import Manifest, read_manifest, snapshot_path, write_manifest
from rag_index.rows import DOCUMENTS, Row, Vector
from rag_index.store import LanceStore

TABLE = "documents"
LOCK_WAIT_S = 120.0
PENDING = 8  # small updates between two compactions; each adds a millisecond to a search
QUICK = 2_000  # rows of which a snapshot is written after every update; more wait for a compaction


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What putting a document did: chunks now there, embeddings computed, chunks taken out."""

    chunks: int
    embedded: int
    reused: int
    removed: int


def documents_folder(folder: Path) -> Path:
    """Say where, below the folder of the index, the documents' table lies."""
    return folder / f"{DOCUMENTS}.index"


def put_document(
    folder: Path,
    document: str,
    rows: Sequence[Row],
    embedder: Encoder,
    progress: Progress | None = None,
) -> UpdateReport:
    """Put a document's rows in the place of those it had; no rows take it out.

    Readers in any process see all of it or nothing. Embeddings are kept as they are made, so that
    a second try after a kill goes on where the first stopped. Raises IndexBusy if other processes
    write for longer than 120 seconds, IndexCorrupt if the index was built with another model,
    KnowledgeIndexError if it can't be written.
    """
    with writer(folder, embedder) as opened:
        return opened.put(document, rows, progress)


def remove_document(folder: Path, document: str) -> int:
    """Take a document out; give how many rows it had, 0 if it was not there."""
    with writer(folder, None) as opened:
        return opened.remove(document)


def clear_documents(folder: Path, server: Backend | None = None) -> None:
    """Take every document out, also from an index that can't be read; embeddings are kept."""
    home = documents_home(folder, server)
    with writing(home):
        if server is not None:
            server.clear(home)
        (home / manifest.NAME).unlink(missing_ok=True)
        if server is not None:
            return
        tables.drop_tables(home, ())
        for path in home.glob("chunks_*.npz"):
            path.unlink()


def documents_home(folder: Path, server: Backend | None) -> Path:
    """Say where the documents' manifest lies: with the table, or with the server's others."""
    return documents_folder(folder if server is None else server.home(folder))


def model_of_documents(folder: Path, server: Backend | None = None) -> str | None:
    """Give the id of the model that made the documents' index; None if there is none to read."""
    try:
        return read_manifest(documents_home(folder, server)).model
    except KnowledgeIndexError:
        return None


def document_rows(folder: Path, server: Backend | None = None) -> list[Row]:
    """Give every row of the documents' index in no order; none if there is no such index."""
    home = documents_home(folder, server)
    try:
        now = read_manifest(home)
    except IndexMissing:
        return []
    if server is not None:
        return server.store(now).rows()
    return LanceStore(home, now.table, now.chunks, now.version).rows()


@contextmanager
def writer(
    folder: Path, embedder: Encoder | None, server: Backend | None = None
) -> Iterator[DocumentWriter]:
    """Open the index for many documents: each is put for good, the upkeep is done at the end.

    With a `server` the rows lie there, else in a table below `folder`.
    """
    opened: DocumentWriter = (
        server.writer(folder, embedder)
        if server is not None
        else DocumentWriter(documents_folder(folder), embedder)
    )
    try:
        yield opened
    finally:
        opened.close()


class DocumentWriter:
    """Puts and removes documents; `writer` opens one. For one thread; other processes may write."""

    def __init__(self, home: Path, embedder: Encoder | None, cache: Path | None = None) -> None:
        """Write the table in `home`; without an embedder only to remove.

        Embeddings are kept in the folder `cache`, or in `home`.
        """
        self._home, self._embedder, self._cache_folder = home, embedder, cache or home
        self._model = embedder.model_id if embedder else ""
        self._changed = False

    def put(
        self, document: str, rows: Sequence[Row], progress: Progress | None = None
    ) -> UpdateReport:
        """Put a document's rows in the place of those it had."""
        return self.put_all({document: rows}, progress)

    def put_all(
        self, documents: Mapping[str, Sequence[Row]], progress: Progress | None = None
    ) -> UpdateReport:
        """Put many documents in one step: readers see all of them or none."""
        if self._embedder is None:
            raise ValueError("open the writer with an embedder to put documents")
        for document, its in documents.items():
            if any(row.document != document or row.collection != DOCUMENTS for row in its):
                raise ValueError(f"every row must belong to the document {document!r}")
        rows = [row for its in documents.values() for row in its]
        texts = [row.indexed for row in rows]
        try:
            self._cache_folder.mkdir(parents=True, exist_ok=True)
            vectors, embedded = embed_cached(
                self._cache(self._embedder), texts, self._embedder, progress or _silent
            )
        except (OSError, sqlite3.Error) as error:
            raise tables.not_written(self._home, error) from error
        removed = self._commit([*documents], rows, vectors)
        return UpdateReport(len(rows), embedded, len(rows) - embedded, removed)

    def remove(self, document: str) -> int:
        """Take a document out; give how many rows it had."""
        return self._commit([document], (), None)

    def close(self) -> None:
        """Compact the table if it is time, and write the snapshot of a small one."""
        if not self._changed:
            return
        with writing(self._home):
            now = read_manifest(self._home)
            table = tables.open_at(self._home, now.table, now.version)
            tidy = now.pending >= PENDING
            if tidy:
                now = self._compacted(now, table)
            if now.chunks <= snapshot.MOST_ROWS and (tidy or now.chunks <= QUICK):
                rows, vectors = tables.contents(table)
                path = snapshot_path(self._home, now.generation + 1)
                digest = snapshot.write_snapshot(path, rows, vectors)
                now = replace(now, generation=now.generation + 1, snapshot_sha256=digest)
                write_manifest(self._home, now)
            for path in self._home.glob("chunks_*.npz"):
                if path != snapshot_path(self._home, now.generation):
                    path.unlink(missing_ok=True)
        self._changed = False

    def _commit(self, documents: Sequence[str], rows: Sequence[Row], vectors: Vector | None) -> int:
        with writing(self._home):
            now = self._current()
            if now is None and vectors is not None and rows:
                version = tables.write_table(self._home, TABLE, rows, vectors)
                self._publish(first_manifest(self._model, version, len(rows)))
                return 0
            if now is None:
                return 0
            table = tables.open_at(self._home, now.table, now.version)
            former = tables.replace_documents(table, documents, rows, vectors)
            if not former and not rows:
                return 0
            now = replace(
                now,
                generation=now.generation + 1,
                version=int(table.version),
                chunks=now.chunks + len(rows) - former,
                pending=now.pending + 1,
                snapshot_sha256=None,
            )
            self._publish(now)
            if now.pending >= 2 * PENDING:
                self._compacted(now, table)
            return former

    def _compacted(self, now: Manifest, table: Any) -> Manifest:
        """Compact; the version published before is young, so that it outlives a kill here."""
        version = tables.compact(table)
        now = replace(now, version=version, pending=0)
        self._publish(now)
        return now

    def _publish(self, now: Manifest) -> None:
        write_manifest(self._home, now)
        self._changed = True

    def _current(self) -> Manifest | None:
        try:
            now = read_manifest(self._home)
        except IndexMissing:
            return None
        if self._model not in ("", now.model):
            raise OtherModel(f"the documents' index in {self._home}", now.model, self._model)
        return now

    def _cache(self, embedder: Encoder) -> EmbeddingCache:
        path = self._cache_folder / "embeddings.sqlite"
        return EmbeddingCache(path, embedder.model_id, embedder.dimensions)


def first_manifest(model: str, version: int, chunks: int) -> Manifest:
    """Give the manifest of a new index of documents."""
    return Manifest(
        format=manifest.FORMAT,
        generation=1,
        table=TABLE,
        version=version,
        fingerprint="",
        model=model,
        articles=0,
        chunks=chunks,
        snapshot_sha256=None,
    )


@contextmanager
def writing(home: Path) -> Iterator[None]:
    """Hold the writers' lock; what the disk or LanceDB refuses becomes a sentence."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        with FileLock(home / "write.lock", timeout=LOCK_WAIT_S):
            yield
    except Timeout as error:
        raise IndexBusy(f"another process is writing to {home}: try again soon") from error
    except (KnowledgeIndexError, ValueError):
        raise
    except (OSError, RuntimeError) as error:
        raise tables.not_written(home, error) from error


def _silent(done: int, total: int, what: str) -> None:
    """Report nothing."""
