"""The knowledge index for the app: built when there is none or when the articles changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag_index.search import KnowledgeIndex

Progress = Callable[[int, int, str], None]


def open_index(folder: Path, progress: Progress | None = None) -> KnowledgeIndex:
    """The index under ``folder``, built first if needed; says so through ``progress``."""
    from rag_index.build import build_index, is_current
    from rag_index.documents.registry import Registry
    from rag_index.search import KnowledgeIndex

    if not is_current(folder):
        build_index(folder, progress=progress or on_terminal)
    return KnowledgeIndex.open(folder, document_text=Registry(folder).text)


def on_terminal(done: int, total: int, what: str) -> None:
    """One line on standard error that is written over."""
    import sys

    end = "\n" if done >= total else ""
    print(f"\rBuilding the knowledge index: {done}/{total} {what:<40.40}", end=end, file=sys.stderr)
