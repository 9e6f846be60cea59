"""Puts a person's documents into the index again, from their kept texts."""

from __future__ import annotations

from pathlib import Path

from rag_index.adding import Progress, put_record
from rag_index.backend import Backend
from rag_index.documents.registry import Registry
from rag_index.embed import Encoder
from rag_index.errors import KnowledgeIndexError
from rag_index.updates import clear_documents, document_rows, model_of_documents, writer


def index_again(
    folder: Path,
    embedder: Encoder,
    progress: Progress | None = None,
    server: Backend | None = None,
) -> int:
    """Put every registered document into the index again, and take out what is not registered."""
    registry = Registry(folder)
    records = registry.records()
    if model_of_documents(folder, server) not in (None, embedder.model_id):
        clear_documents(folder, server)
    try:
        indexed = {row.document for row in document_rows(folder, server)}
        with writer(folder, embedder, server) as opened:
            for document in indexed - {record.id for record in records}:
                opened.remove(document)
    except KnowledgeIndexError:
        clear_documents(folder, server)
    with writer(folder, embedder, server) as opened:
        for number, record in enumerate(records):
            if progress:
                progress(number, len(records), record.described.title)
            put_record(registry, opened, record.id, embedder)
    return len(records)
