"""Reads from a model's folder how it is to be run: where its graph is, how its rows are pooled.

The layout is that of sentence-transformers: modules.json lists a transformer, a pooling and a
normalisation. A folder without it is a plain transformer, whose rows are averaged.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag_index.bert_onnx import BertConfig
from rag_index.errors import ModelMissing
from rag_index.model_files import onnx_file

POOLINGS = ("mean", "cls", "max")
_MOST_PIECES = 512
_LEGACY = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """How a model is run here: through its own ONNX file, or a graph made from BERT's weights.

    `question` and `passage` are what the model wants in front of either, "" for nothing.
    """

    name: str
    folder: Path
    tokenizer: Path
    onnx: Path | None
    bert: BertConfig | None
    pooling: str
    max_pieces: int
    lower: bool
    question: str = ""
    passage: str = ""


def read_plan(folder: Path, name: str) -> Plan | None:
    """Give the plan; None if the model needs PyTorch. Raises ModelMissing if a file is damaged."""
    try:
        return _plan(folder, name)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelMissing(
            f"the model in {folder} can't be read ({type(error).__name__}: {error}): "
            "fetch its files again"
        ) from error


def _plan(folder: Path, name: str) -> Plan | None:
    home, pooling = folder, "mean"
    modules = json_of(folder / "modules.json") or []
    for module in modules:
        kind, place = module["type"].rsplit(".", 1)[-1], folder / module.get("path", "")
        if kind == "Transformer":
            home = place
        elif kind == "Pooling":
            pooling = _pooling(json_of(place / "config.json") or {})
        elif kind != "Normalize":
            return None
    onnx = onnx_file(folder) or onnx_file(home)
    config = json_of(home / "config.json") or {}
    bert = (
        _bert(config, pooling) if onnx is None and (home / "model.safetensors").exists() else None
    )
    tokenizer = next((p for p in (home, folder) if (p / "tokenizer.json").exists()), None)
    if tokenizer is None or pooling not in POOLINGS or (onnx is None and bert is None):
        return None
    limits = json_of(home / "sentence_bert_config.json") or {}
    prompts = (json_of(folder / "config_sentence_transformers.json") or {}).get("prompts") or {}
    return Plan(
        name=name,
        folder=folder,
        tokenizer=tokenizer / "tokenizer.json",
        onnx=onnx,
        bert=bert,
        pooling=pooling,
        max_pieces=_limit(limits.get("max_seq_length"), tokenizer, config),
        lower=bool(limits.get("do_lower_case")),
        question=str(prompts.get("query") or ""),
        passage=str(prompts.get("document") or prompts.get("passage") or ""),
    )


def _pooling(config: dict[str, Any]) -> str:
    mode = config.get("pooling_mode")
    if mode is None:
        on = [key for key, value in config.items() if key.startswith("pooling_mode_") and value]
        mode = [_LEGACY.get(key, key) for key in on]
    if isinstance(mode, list):
        mode = mode[0] if len(mode) == 1 else "several"
    return str(mode)


def _bert(config: dict[str, Any], pooling: str) -> BertConfig | None:
    """Give what our own graph needs; None for a network that it doesn't build."""
    ours = (
        config.get("model_type") == "bert"
        and config.get("hidden_act", "gelu") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and pooling in ("mean", "cls")
    )
    if not ours:
        return None
    return {
        "hidden_size": int(config["hidden_size"]),
        "layer_norm_eps": float(config.get("layer_norm_eps", 1e-12)),
        "num_attention_heads": int(config["num_attention_heads"]),
        "num_hidden_layers": int(config["num_hidden_layers"]),
        "pooling": pooling,
    }


def _limit(said: int | None, home: Path, config: dict[str, Any]) -> int:
    """Give how many word pieces the model reads."""
    tokenizer = json_of(home / "tokenizer_config.json") or {}
    known = [said, tokenizer.get("model_max_length"), config.get("max_position_embeddings")]
    return max(3, min(int(number) for number in (*known, _MOST_PIECES) if number))


def json_of(path: Path) -> Any:
    """Read a JSON file; None if there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
