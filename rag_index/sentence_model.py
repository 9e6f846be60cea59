"""Any sentence model in a folder, in the place of the packaged one, on ONNX Runtime."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from rag_index.embed import Embedder
from rag_index.errors import ModelMissing
from rag_index.graph_cache import graph_for
from rag_index.model_files import folder_hash
from rag_index.model_plan import Plan
from rag_index.session import open_session

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

_WORDS = "embeddings.word_embeddings.weight"
Rows = NDArray[np.float32]


class SentenceModel(Embedder):
    """Runs a plan: the words cut as the model's own tokenizer does, the rows pooled as it says.

    Vectors have length 1. Loads its files at the first use; any number of threads may use it.
    """

    def __init__(self, plan: Plan, *, threads: int = 1, graphs: Path | None = None) -> None:
        """Take the plan; `graphs` is a folder to keep a graph in that is made here."""
        super().__init__(plan.folder, threads=threads, graphs=graphs)
        self._plan = plan

    @cached_property
    def model_id(self) -> str:
        """The name, the hash of the files, and how many numbers a vector has."""
        name = Path(self._plan.name).name if Path(self._plan.name).is_dir() else self._plan.name
        return f"{name}/{folder_hash(self._folder)[:12]}/{self.dimensions}"

    @cached_property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        if self._plan.bert is not None:
            return self._plan.bert["hidden_size"]
        shape = self._session.get_outputs()[self._output].shape
        if isinstance(shape[-1], int):
            return shape[-1]
        return int(self.embed(["size"]).shape[1])

    def embed(self, texts: Sequence[str]) -> Rows:
        """Give one row per text, in the order given; pieces beyond the model's limit are unread."""
        return self._embedded([self._plan.passage + text for text in texts])

    def embed_question(self, text: str) -> Rows:
        """Give the vector of a question, with the words that the model wants before one."""
        return cast("Rows", self._embedded([self._plan.question + text])[0])

    def _pieces(self, texts: Sequence[str]) -> list[list[int]]:
        lowered = [text.lower() for text in texts] if self._plan.lower else list(texts)
        return [list(encoding.ids) for encoding in self._cutter.encode_batch(lowered)]

    def _run(self, batch: list[list[int]]) -> Rows:
        if self._plan.bert is not None:
            return super()._run(batch)
        ids = np.full((len(batch), max(map(len, batch))), self._padding, dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, pieces in enumerate(batch):
            ids[row, : len(pieces)] = pieces
            mask[row, : len(pieces)] = 1
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        wanted = {one.name: given[one.name] for one in self._session.get_inputs()}
        rows = self._session.run(None, wanted)[self._output]
        pooled = rows if rows.ndim == 2 else _pooled(rows, mask, self._plan.pooling)
        lengths = np.linalg.norm(pooled, axis=1, keepdims=True)
        return np.asarray(pooled / np.maximum(lengths, 1e-12), np.float32)

    @cached_property
    def _output(self) -> int:
        """Which output to read: the texts' vectors where the graph gives them, else the pieces'."""
        names = [one.name for one in self._session.get_outputs()]
        for name in ("sentence_embedding", "last_hidden_state", "token_embeddings"):
            if name in names:
                return names.index(name)
        return 0

    @cached_property
    def _padding(self) -> int:
        config = json.loads((self._plan.tokenizer.parent / "config.json").read_text("utf-8"))
        return int(config.get("pad_token_id") or 0)

    @property
    def _cutter(self) -> Tokenizer:
        with self._lock:
            return self._loaded_cutter

    @cached_property
    def _loaded_cutter(self) -> Tokenizer:
        tokenizer = tokenizer_of(self._plan.tokenizer)
        tokenizer.enable_truncation(self._plan.max_pieces)
        return tokenizer

    @cached_property
    def _loaded_session(self) -> InferenceSession:
        try:
            if self._plan.onnx is not None:
                session = open_session(str(self._plan.onnx), threads=self._threads)
                known = {"input_ids", "attention_mask", "token_type_ids"}
                other = {one.name for one in session.get_inputs()} - known
                if other:
                    raise ValueError(f"its graph wants {', '.join(sorted(other))}")
                return session
            return self._made()
        except Exception as error:  # ONNX Runtime raises classes of its own, one per kind of fault
            raise _unusable(self._plan, error) from error

    def _made(self) -> InferenceSession:
        from safetensors import safe_open

        bert = self._plan.bert
        assert bert is not None  # noqa: S101 (a plan without a graph of its own has this)
        with safe_open(self._plan.tokenizer.parent / "model.safetensors", "np") as file:
            there = list(file.keys())
            # A model that was saved with a head for another task has its encoder under this name.
            head = "bert." if f"bert.{_WORDS}" in there else ""
            shapes = {
                name.removeprefix(head): tuple(file.get_slice(name).get_shape())
                for name in there
                if name.startswith(head)
            }
            graph, names = graph_for(self._graphs, bert, shapes)
            weights: dict[str, Any] = {
                name: file.get_tensor(head + name).astype(np.float32) for name in names
            }
        return open_session(graph, threads=self._threads, weights=weights)


def tokenizer_of(path: Path) -> Tokenizer:
    """Load a tokenizer that neither pads nor cuts; raises ModelMissing if it can't be read."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises nothing narrower
        raise ModelMissing(
            f"the tokenizer {path} can't be read ({error}): fetch the model's files again"
        ) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _pooled(rows: Rows, mask: NDArray[np.int64], how: str) -> Rows:
    """Make one row per text of one row per word piece (texts x pieces x numbers)."""
    if how == "cls":
        return rows[:, 0]
    real = mask[:, :, None].astype(np.float32)
    if how == "max":
        return np.asarray(np.where(real > 0, rows, -np.inf).max(axis=1))
    return np.asarray((rows * real).sum(axis=1) / np.maximum(real.sum(axis=1), 1e-9))


def _unusable(plan: Plan, error: Exception) -> ModelMissing:
    line = " ".join(str(error).split())[:200]
    return ModelMissing(
        f"the model in {plan.folder} can't be run ({line}): fetch its files again, or name another "
        "in TOLLGATE_EMBEDDER"
    )
