"""Says whether a built index is current and whether every span in it still resolves."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from knowledge_base.articles import Article, load_articles
from rag_index import chunk, manifest
from rag_index.backend import Backend
from rag_index.document_check import check_documents
from rag_index.embed import Embedder, Encoder
from rag_index.errors import BUILD, KnowledgeIndexError
from rag_index.manifest import Manifest, read_manifest, snapshot_path
from rag_index.rows import Row
from rag_index.snapshot import SnapshotStore
from rag_index.store import LanceStore


def is_current(
    folder: Path, *, embedder: Encoder | None = None, server: Backend | None = None
) -> bool:
    """Say whether the index is there and fits today's articles, chunker and model.

    Raises ModelMissing if the weights are not installed.
    """
    try:
        built = read_manifest(folder if server is None else server.home(folder))
    except KnowledgeIndexError:
        return False
    model = (embedder or Embedder(graphs=folder)).model_id
    return built.fingerprint == fingerprint(load_articles(), model)


def check_index(folder: Path, server: Backend | None = None) -> tuple[str, ...]:
    """Give every problem as a sentence; none means that each stored span resolves byte for byte.

    The spans of the articles and of the person's own documents are looked at.
    """
    return (*_check_articles(folder, server), *check_documents(folder, server))


def _check_articles(folder: Path, server: Backend | None) -> tuple[str, ...]:
    try:
        built = read_manifest(folder if server is None else server.home(folder))
        rows = _rows(folder, built, server)
        problems: list[str] = []
        if len(rows) != built.chunks:
            where = folder if server is None else server.label
            problems.append(f"{where} holds {len(rows)} passages, not {built.chunks}: {BUILD}")
        if built.snapshot_sha256 is not None:
            path = snapshot_path(folder, built.generation)
            copy = SnapshotStore(path, built.snapshot_sha256).rows()
            if {row.id: row for row in copy} != {row.id: row for row in rows}:
                problems.append(f"the snapshot {path.name} differs from the table: {BUILD}")
    except KnowledgeIndexError as error:
        return (str(error),)
    by_slug = {article.slug: article for article in load_articles()}
    for row in sorted(rows, key=lambda r: r.id):
        article = by_slug.get(row.document)
        if article is None or article.text[row.start : row.end] != row.text:
            problems.append(f"{row.id}: its span is no longer in the article: {BUILD}")
        elif hashlib.sha256(row.text.encode("utf-8")).hexdigest() != row.sha256:
            problems.append(f"{row.id}: its text does not have its hash: {BUILD}")
    return tuple(problems)


def _rows(folder: Path, built: Manifest, server: Backend | None) -> list[Row]:
    if server is not None:
        return server.store(built).rows()
    return LanceStore(folder, built.table, built.chunks, built.version).rows()


def fingerprint(articles: Sequence[Article], model_id: str) -> str:
    """Give a hash of everything that the content of an index depends on."""
    digest = hashlib.sha256(f"{manifest.FORMAT}/{chunk.VERSION}/{model_id}".encode())
    for article in articles:
        front = (article.slug, article.title, article.kind.value, article.known_at.isoformat())
        digest.update(repr((*front, article.sources[0].citation(), article.sha256)).encode())
    return digest.hexdigest()
