"""Any model of sentence-transformers in the place of the packaged one; on a GPU if there is one."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag_index.errors import ModelMissing

BATCH = 64


class SentenceModel:
    """A model by public name or by the path of its folder, loaded at the first use."""

    def __init__(self, name: str, *, device: str | None = None) -> None:
        """Take the model `name`; `device` as PyTorch names it, or the best there is."""
        self._name, self._device = name, device
        self._lock = threading.RLock()

    @cached_property
    def model_id(self) -> str:
        """The name with a hash of a sentence's vector: it changes when the weights do."""
        probe = np.round(self.embed(["The quick brown fox."]).astype(np.float64), 2)
        digest = hashlib.sha256(json.dumps((probe + 0.0).tolist()).encode()).hexdigest()
        return f"{self._name}/{digest[:12]}"

    @cached_property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        return int(self.embed(["size"]).shape[1])

    def count(self, text: str) -> int:
        """Count the word pieces of `text`, without those that frame every input."""
        with self._lock:
            return len(self._model.tokenizer.encode(text, add_special_tokens=False))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give one row per text, of length 1; a model's own limit of word pieces holds."""
        with self._lock:
            if not texts:
                return np.zeros((0, self.dimensions), np.float32)
            vectors = self._model.encode(
                list(texts),
                batch_size=BATCH,
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        return np.asarray(vectors, np.float32)

    @cached_property
    def _model(self) -> Any:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise ModelMissing(
                f"the model {self._name!r} needs sentence-transformers: "
                "run `pip install 'tollgate[sentence-transformers]'`"
            ) from error
        try:
            return SentenceTransformer(self._name, device=self._device)
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelMissing(f"the model {self._name!r} can't be loaded: {error}") from error
