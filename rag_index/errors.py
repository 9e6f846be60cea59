"""The index's errors; each message says what a person should do."""

from __future__ import annotations

BUILD = "run `tollgate knowledge build`"


class KnowledgeIndexError(Exception):
    """Something is wrong with the knowledge index; the message says what to do."""


class IndexMissing(KnowledgeIndexError):
    """There is no index in the folder yet: build it."""


class IndexCorrupt(KnowledgeIndexError):
    """The index can't be read, or no longer fits the articles or the model: build it again."""


class IndexBusy(KnowledgeIndexError):
    """Another process is building the index: wait for it."""


class ModelMissing(KnowledgeIndexError):
    """The weights of the embedding model are not installed, or are damaged."""
