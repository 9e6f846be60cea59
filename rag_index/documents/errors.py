"""Why a file is not taken into the knowledge base."""

from __future__ import annotations

from rag_index.errors import KnowledgeIndexError


class DocumentRefused(KnowledgeIndexError):
    """This one file can't be used; the message says why and what to do. The others go on."""
