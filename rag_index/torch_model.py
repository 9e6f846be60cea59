"""Models that have no ONNX file, through sentence-transformers (the extra `models`)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag_index.errors import ModelMissing
from rag_index.model_files import folder_hash
from rag_index.rerank import probability

BATCH = 64
INSTALL = "run `pip install 'tollgate[models]'`"


class TorchModel:
    """An embedding model of sentence-transformers in a folder; loaded at the first use."""

    def __init__(self, name: str, folder: Path) -> None:
        """Take the model's folder, on the best device that PyTorch finds."""
        self._name, self._folder = name, folder
        self._lock = threading.RLock()

    @cached_property
    def model_id(self) -> str:
        """The name, the hash of the files, and how many numbers a vector has."""
        name = self._folder.name if Path(self._name).is_dir() else self._name
        return f"{name}/{folder_hash(self._folder)[:12]}/{self.dimensions}"

    @cached_property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        return int(self._embedded(["size"], "encode_document").shape[1])

    @property
    def device(self) -> str:
        """Name the device that it runs on."""
        return _device(self._model)

    def count(self, text: str) -> int:
        """Count the word pieces of `text`, without those that frame every input."""
        with self._lock:
            return len(self._model.tokenizer.encode(text, add_special_tokens=False))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give one row per text, of length 1; a model's own limit of word pieces holds."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        return self._embedded(texts, "encode_document")

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """Give the vector of a question, with the words that the model wants before one."""
        (vector,) = self._embedded([text], "encode_query")
        return np.asarray(vector, np.float32)

    def _embedded(self, texts: Sequence[str], way: str) -> NDArray[np.float32]:
        with self._lock:
            vectors = getattr(self._model, way)(
                list(texts),
                batch_size=BATCH,
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        return np.asarray(vectors, np.float32)

    @cached_property
    def _model(self) -> Any:
        return _loaded("SentenceTransformer", self._name, self._folder)


class TorchReranker:
    """A cross-encoder of sentence-transformers in a folder; loaded at the first use."""

    def __init__(self, name: str, folder: Path) -> None:
        """Take the model's folder, on the best device that PyTorch finds."""
        self.name, self._folder = name, folder
        self._lock = threading.RLock()

    @property
    def device(self) -> str:
        """Name the device that it runs on."""
        return _device(self._model)

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Give the model's scores, as probabilities."""
        if not texts:
            return []
        with self._lock:
            said = self._model.predict(
                [(question, text) for text in texts],
                activation_fn=_identity,
                show_progress_bar=False,
            )
        if np.ndim(said) != 1:
            raise ModelMissing(
                f"the model {self.name!r} gives several figures for a pair, not one score: "
                "name a cross-encoder made for ranking in TOLLGATE_RERANKER"
            )
        return [probability(float(value)) for value in said]

    @cached_property
    def _model(self) -> Any:
        return _loaded("CrossEncoder", self.name, self._folder)


def _loaded(kind: str, name: str, folder: Path) -> Any:
    try:
        import sentence_transformers
    except ImportError as error:
        raise ModelMissing(
            f"the model {name!r} has no ONNX file that can be used here, and without one it needs "
            f"sentence-transformers: {INSTALL}, or name a model that has one"
        ) from error
    try:
        return getattr(sentence_transformers, kind)(str(folder), local_files_only=True)
    except Exception as error:  # whatever the model's own files make PyTorch raise
        line = " ".join(str(error).split())[:200]
        raise ModelMissing(f"the model {name!r} in {folder} can't be loaded ({line})") from error


def _device(model: Any) -> str:
    return "processor" if str(model.device) == "cpu" else f"GPU ({model.device})"


def _identity(value: Any) -> Any:
    return value
