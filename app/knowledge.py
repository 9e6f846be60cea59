"""The knowledge index for the app: built when there is none or when the articles changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag_index.opening import Library
    from rag_index.search import KnowledgeIndex

Progress = Callable[[int, int, str], None]


def library_at(folder: Path, *, threads: int = 1) -> Library:
    """The knowledge folder with the model, the reranker and the server that the settings name."""
    from rag_index.opening import Choice, Library
    from tools.settings import load_settings

    settings = load_settings()
    key = settings.weaviate_api_key
    choice = Choice(
        embedder=settings.embedder,
        reranker=settings.reranker,
        weaviate_url=settings.weaviate_url,
        weaviate_key=key.get_secret_value() if key else None,
        weaviate_grpc_url=settings.weaviate_grpc_url,
    )
    return Library(folder, choice, threads)


def open_index(folder: Path, progress: Progress | None = None) -> KnowledgeIndex:
    """The index under ``folder``, built first if needed; says so through ``progress``.

    Raises OtherModel if another embedding model made it: that rebuild is the person's to ask for.
    """
    from rag_index.build import build_index, is_current
    from rag_index.documents.registry import Registry
    from rag_index.search import KnowledgeIndex

    library = library_at(folder)
    library.need_model()
    embedder, server = library.embedder, library.server
    if not is_current(folder, embedder=embedder, server=server):
        many = many_threads(folder).embedder
        build_index(folder, progress=progress or on_terminal, embedder=many, server=server)
    library.settle(progress or on_terminal)
    return KnowledgeIndex.open(
        folder,
        embedder=embedder,
        reranker=library.reranker,
        document_text=Registry(folder).text,
        server=server,
    )


def many_threads(folder: Path) -> Library:
    """The same, with a model that takes the whole machine: for building and adding."""
    import os

    from rag_index.build import MOST_THREADS

    return library_at(folder, threads=min(MOST_THREADS, os.cpu_count() or 1))


def on_terminal(done: int, total: int, what: str) -> None:
    """One line on standard error that is written over."""
    import sys

    end = "\n" if done >= total else ""
    print(f"\rBuilding the knowledge index: {done}/{total} {what:<40.40}", end=end, file=sys.stderr)
