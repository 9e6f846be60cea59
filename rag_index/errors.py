"""The index's errors; each message says what a person should do."""

from __future__ import annotations

BUILD = "run `tollgate knowledge build`"


class KnowledgeIndexError(Exception):
    """Something is wrong with the knowledge index; the message says what to do."""


class IndexMissing(KnowledgeIndexError):
    """There is no index in the folder yet: build it."""


class IndexCorrupt(KnowledgeIndexError):
    """The index can't be read, or no longer fits the articles or the model: build it again."""


class OtherModel(IndexCorrupt):
    """The index was made with another embedding model: build it again, or set that model."""

    def __init__(self, what: str, made: str, asked: str) -> None:
        """Say of `what` which model made it and which one is asked for."""
        super().__init__(
            f"{what} was made with another model, {made}, and the model in use is {asked}; their "
            f"vectors don't mix: {BUILD} to make it anew, or set TOLLGATE_EMBEDDER as it was"
        )


class IndexBusy(KnowledgeIndexError):
    """Another process is building the index: wait for it."""


class ModelMissing(KnowledgeIndexError):
    """A model's files are not there, are damaged, or can't be run here."""


class ServerGone(KnowledgeIndexError):
    """The server of the index does not answer: start it; nothing is lost."""
