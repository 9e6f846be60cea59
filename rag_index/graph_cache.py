"""The embedder's graph, kept on disk beside the index.

Making it loads the onnx package, a third of a second that a search needs for nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from rag_index.bert_onnx import BertConfig, build_graph

VERSION = 1
"""Raise it when `bert_onnx` builds another graph for the same weights."""


def graph_for(
    folder: Path | None, config: BertConfig, shapes: Mapping[str, tuple[int, ...]]
) -> tuple[bytes, list[str]]:
    """Give the graph and the names of its weights, from `folder` if it was kept there.

    A file that is torn or not ours is made anew; a folder that can't be written is left as it is.
    """
    if folder is None:
        return build_graph(config, shapes)
    wanted = json.dumps([VERSION, config, {k: list(v) for k, v in shapes.items()}], sort_keys=True)
    path = folder / f"graph-{hashlib.sha256(wanted.encode()).hexdigest()[:16]}.json"
    kept = _read(path)
    if kept is not None:
        return kept
    graph, names = build_graph(config, shapes)
    _write(path, graph, names)
    return graph, names


def _read(path: Path) -> tuple[bytes, list[str]] | None:
    try:
        kept = json.loads(path.read_text("utf-8"))
        graph = base64.b64decode(kept["graph"], validate=True)
        names = [str(name) for name in kept["names"]]
        whole = kept["sha256"] == hashlib.sha256(graph).hexdigest()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return (graph, names) if whole else None


def _write(path: Path, graph: bytes, names: list[str]) -> None:
    kept = {
        "graph": base64.b64encode(graph).decode("ascii"),
        "names": names,
        "sha256": hashlib.sha256(graph).hexdigest(),
    }
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        part.write_text(json.dumps(kept), "utf-8")
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
