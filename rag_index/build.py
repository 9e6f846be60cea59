"""Builds the index from the articles."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from knowledge_base.articles import Article, load_articles
from rag_index import chunk, manifest, snapshot, tables
from rag_index.backend import Backend
from rag_index.cache import EmbeddingCache, Progress, embed_cached
from rag_index.check import check_index, fingerprint, is_current
from rag_index.embed import Embedder, Encoder
from rag_index.errors import IndexBusy, KnowledgeIndexError
from rag_index.manifest import Manifest, read_manifest, snapshot_path, table_name
from rag_index.rows import row_of
from rag_index.updates import UpdateReport, put_document, remove_document, writer

__all__ = [
    "IndexReport",
    "UpdateReport",
    "build_index",
    "check_index",
    "is_current",
    "put_document",
    "remove_document",
    "writer",
]

LOCK_WAIT_S = 120.0
MOST_THREADS = 4


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What a build did: `embedded` chunks were computed, `reused` came from the cache."""

    articles: int
    chunks: int
    embedded: int
    reused: int
    seconds: float


def build_index(
    folder: Path,
    *,
    progress: Progress | None = None,
    embedder: Encoder | None = None,
    articles: Sequence[Article] | None = None,
    server: Backend | None = None,
) -> IndexReport:
    """Build a whole new index beside the old one, or in a `server`, and then switch to it.

    `progress` is told (chunks done, chunks in all, what is being done). Killed at any point, the
    former index stays in use, and the embeddings made so far are kept. Raises IndexBusy if another
    process builds for longer than 120 seconds, KnowledgeIndexError if the folder can't be written.
    """
    began = time.monotonic()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "build.lock", timeout=LOCK_WAIT_S):
            threads = min(MOST_THREADS, os.cpu_count() or 1)
            embedder = embedder or Embedder(threads=threads, graphs=folder)
            done = _build(folder, progress or _silent, embedder, articles, server)
    except Timeout as error:
        raise IndexBusy(f"another process is building the index in {folder}: wait") from error
    except (OSError, sqlite3.Error) as error:
        raise KnowledgeIndexError(
            f"the knowledge index can't be written to {folder} ({error}): "
            "check the permissions and the free space, or set TOLLGATE_HOME to another folder"
        ) from error
    built, embedded = done
    seconds = time.monotonic() - began
    return IndexReport(built.articles, built.chunks, embedded, built.chunks - embedded, seconds)


def _build(
    folder: Path,
    progress: Progress,
    embedder: Encoder,
    given: Sequence[Article] | None,
    server: Backend | None,
) -> tuple[Manifest, int]:
    home = folder if server is None else server.home(folder)
    home.mkdir(exist_ok=True)
    try:
        former = read_manifest(home).generation
    except KnowledgeIndexError:
        former = 0
    articles = load_articles() if given is None else tuple(given)
    rows = [
        row_of(piece, article)
        for article in articles
        for piece in chunk.chunk_article(article, embedder.count)
    ]
    cache = EmbeddingCache(folder / "embeddings.sqlite", embedder.model_id, embedder.dimensions)
    vectors, embedded = embed_cached(cache, [row.indexed for row in rows], embedder, progress)
    number = former + 1
    progress(len(rows), len(rows), "writing the table")
    name, version, digest = table_name(number), 0, None
    if server is not None:
        name = server.write(home, name, rows, vectors)
    else:
        version = tables.write_table(folder, name, rows, vectors)
        if len(rows) <= snapshot.MOST_ROWS:
            path = snapshot_path(folder, number)
            digest = snapshot.write_snapshot(path, rows, vectors)
    stamp = fingerprint(articles, embedder.model_id)
    built = Manifest(
        format=manifest.FORMAT,
        generation=number,
        table=name,
        version=version,
        fingerprint=stamp,
        model=embedder.model_id,
        articles=len(articles),
        chunks=len(rows),
        snapshot_sha256=digest,
    )
    manifest.write_manifest(home, built)
    cache.keep([row.indexed for row in rows])
    if server is not None:
        server.drop(home, table_name(former - 1))  # the former stays for whoever reads it
    else:
        _tidy(folder, {number, former})
    return built, embedded


def _tidy(folder: Path, keep: set[int]) -> None:
    """Remove older builds; the former one stays for readers that still have it open."""
    names = {table_name(number) for number in keep}
    tables.drop_tables(folder, names)
    for path in folder.glob("chunks_*.npz"):
        if path.stem not in names:
            path.unlink(missing_ok=True)


def _silent(done: int, total: int, what: str) -> None:
    """Report nothing."""
