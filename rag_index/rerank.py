"""The hook for a second look at the best passages, such as a cross-encoder's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Reranker(Protocol):
    """Whatever says how well each text answers a question."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Give one score between 0 and 1 per text."""
        ...
