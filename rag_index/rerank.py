"""A second look at the best passages: a cross-encoder reads question and passage together."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from rag_index.errors import ModelMissing
from rag_index.model_plan import json_of
from rag_index.sentence_model import tokenizer_of
from rag_index.session import device_of, open_session

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

BATCH = 16
_MOST_PIECES = 512


class Reranker(Protocol):
    """Whatever says how well each text answers a question."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Give one score between 0 and 1 per text."""
        ...


class CrossEncoder:
    """The ONNX file of a cross-encoder with one score; loaded at the first use."""

    def __init__(self, name: str, folder: Path, onnx: Path, *, threads: int = 1) -> None:
        """Take the model's folder and its ONNX file."""
        self.name = name
        self._folder, self._onnx, self._threads = folder, onnx, threads
        self._lock = threading.RLock()

    @property
    def device(self) -> str:
        """Name the device that it runs on."""
        return device_of(self._loaded[1])

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Give the model's scores, as probabilities; raises ModelMissing if it can't be run."""
        tokenizer, session = self._loaded
        pairs = tokenizer.encode_batch([(question, text) for text in texts])
        said = [0.0] * len(pairs)
        by_length = sorted(range(len(pairs)), key=lambda index: len(pairs[index].ids))
        for start in range(0, len(by_length), BATCH):
            chosen = by_length[start : start + BATCH]
            logits = self._run(session, [pairs[index] for index in chosen])
            for index, logit in zip(chosen, logits, strict=True):
                said[index] = probability(logit)
        return said

    def _run(self, session: InferenceSession, batch: Sequence[Any]) -> list[float]:
        shape = (len(batch), max(len(one.ids) for one in batch))
        parts = {
            "input_ids": np.full(shape, self._padding, np.int64),
            "attention_mask": np.zeros(shape, np.int64),
            "token_type_ids": np.zeros(shape, np.int64),
        }
        for row, one in enumerate(batch):
            parts["input_ids"][row, : len(one.ids)] = one.ids
            parts["attention_mask"][row, : len(one.ids)] = 1
            parts["token_type_ids"][row, : len(one.ids)] = one.type_ids
        wanted = {one.name: parts[one.name] for one in session.get_inputs()}
        (logits,) = session.run([session.get_outputs()[0].name], wanted)
        return [float(value) for value in np.asarray(logits).reshape(len(batch), -1)[:, 0]]

    @cached_property
    def _padding(self) -> int:
        return int((json_of(self._folder / "config.json") or {}).get("pad_token_id") or 0)

    @property
    def _loaded(self) -> tuple[Tokenizer, InferenceSession]:
        with self._lock:
            return self._opened

    @cached_property
    def _opened(self) -> tuple[Tokenizer, InferenceSession]:
        try:
            session = open_session(str(self._onnx), threads=self._threads)
            config = json_of(self._folder / "config.json") or {}
            said = json_of(self._folder / "tokenizer_config.json") or {}
            limits = (said.get("model_max_length"), config.get("max_position_embeddings"))
            width = session.get_outputs()[0].shape[-1]
        except Exception as error:  # ONNX Runtime raises classes of its own, one per kind of fault
            line = " ".join(str(error).split())[:200]
            raise ModelMissing(
                f"the reranker in {self._folder} can't be run ({line}): fetch its files again, or "
                "name another in TOLLGATE_RERANKER"
            ) from error
        if isinstance(width, int) and width != 1:
            raise ModelMissing(
                f"the model in {self._folder} gives {width} figures for a pair, not one score: "
                "name a cross-encoder made for ranking in TOLLGATE_RERANKER"
            )
        tokenizer = tokenizer_of(self._folder / "tokenizer.json")
        tokenizer.enable_truncation(min(int(n) for n in (*limits, _MOST_PIECES) if n))
        return tokenizer, session


def probability(logit: float) -> float:
    """Bring a score of any size between 0 and 1, in the same order."""
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))
