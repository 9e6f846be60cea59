"""The tone of kept documents: scored once in a process, whoever asks."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence

from tools.domain.document import Document
from tools.market_data.documents.kept import KeptDocuments
from tools.models.sentiment.opening import Opened
from tools.models.sentiment.scorer import Scored

MOST = 100_000
"""Scores that are remembered; then it begins anew."""


class KeptTone:
    """Documents and what scores them."""

    def __init__(self, documents: KeptDocuments, opened: Opened) -> None:
        """Reads from ``documents``, scores by ``opened.scorer``."""
        self.documents, self.opened = documents, opened
        self._known: dict[bytes, Scored] = {}
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The scorer with its version."""
        return f"{self.opened.scorer.name} {self.opened.scorer.version}"

    def scored(self, document: Document) -> Scored:
        """The tone of a document by its title and text."""
        said = f"{document.title}\0{document.text}".encode("utf-8", "replace")
        key = hashlib.sha256(said).digest()
        found = self._known.get(key)
        if found is None:
            found = self.opened.scorer.text(document.title, document.text)
            with self._lock:
                if len(self._known) >= MOST:
                    self._known.clear()
                self._known[key] = found
        return found

    def scores(self, documents: Sequence[Document]) -> list[float]:
        """From -1 to 1 for each, NaN for "can't tell"."""
        return [self.scored(one).score for one in documents]
