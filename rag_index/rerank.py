"""A second look at the best passages: a cross-encoder reads question and passage together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Protocol

from rag_index.errors import ModelMissing


class Reranker(Protocol):
    """Whatever says how well each text answers a question."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Give one score between 0 and 1 per text."""
        ...


class CrossEncoderReranker:
    """A cross-encoder of sentence-transformers by name or path; on a GPU where there is one."""

    def __init__(self, name: str) -> None:
        """Take the model `name`, a folder or a public name; it is loaded at the first use."""
        self._name = name

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Give the model's scores, as probabilities.

        Raises ModelMissing if sentence-transformers is not installed or the model can't be loaded.
        """
        if not texts:
            return []
        raw = self._model.predict(
            [(question, text) for text in texts], activation_fn=_identity, show_progress_bar=False
        )
        return [_probability(float(value)) for value in raw]

    @cached_property
    def _model(self) -> Any:
        try:
            from sentence_transformers import CrossEncoder
        except ImportError as error:
            raise ModelMissing(
                "a reranker needs sentence-transformers: "
                "run `pip install 'tollgate[sentence-transformers]'`"
            ) from error
        try:
            return CrossEncoder(self._name, num_labels=1)
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelMissing(f"the reranker {self._name!r} can't be loaded: {error}") from error


def _identity(value: Any) -> Any:
    return value


def _probability(value: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, value))))
