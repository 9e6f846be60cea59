"""Says whether every stored span of a person's own documents still resolves."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

from rag_index.backend import Backend
from rag_index.documents.registry import Registry
from rag_index.errors import BUILD, KnowledgeIndexError
from rag_index.rows import Row
from rag_index.updates import document_rows


def check_documents(folder: Path, server: Backend | None = None) -> tuple[str, ...]:
    """Give every problem as a sentence; none means that each span resolves byte for byte."""
    registry = Registry(folder)
    try:
        records = {record.id: record for record in registry.records()}
        rows = document_rows(folder, server)
    except KnowledgeIndexError as error:
        return (str(error),)
    problems: list[str] = []
    texts: dict[str, str] = {}
    for record in records.values():
        try:
            texts[record.id] = registry.canonical(record.text_sha256).text
        except KnowledgeIndexError as error:
            problems.append(f"{record.id}: {error}")
        if not record.indexed:
            problems.append(
                f"{record.id}: it is not wholly indexed (another process is at it, or was "
                f"stopped): {BUILD}"
            )
    counted = Counter(row.document for row in rows)
    problems += [
        f"{record.id}: it has no passage in the index: {BUILD}"
        for record in records.values()
        if record.indexed and not counted[record.id]
    ]
    for row in sorted(rows, key=lambda row: (row.document, row.start)):
        record_there = records.get(row.document)
        if record_there is None:
            problems.append(f"{row.id}: its document was removed: {BUILD}")
        elif record_there.indexed and row.document in texts:
            problems += _problems(row, texts[row.document])
    return tuple(problems)


def _problems(row: Row, text: str) -> list[str]:
    if text[row.start : row.end] != row.text:
        return [f"{row.id}: its span is no longer in the document: {BUILD}"]
    if hashlib.sha256(row.text.encode("utf-8")).hexdigest() != row.sha256:
        return [f"{row.id}: its text does not have its hash: {BUILD}"]
    return []
