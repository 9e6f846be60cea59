"""Finds a model's folder by name, and gives a hash of what is in it."""

from __future__ import annotations

import hashlib
import json
import os
from functools import lru_cache
from pathlib import Path

from rag_index.errors import ModelMissing

_SMALL = ["*.json", "*.txt", "*.model"]
_ONNX = ["model.onnx", "model.onnx_data", "onnx/model.onnx", "onnx/model.onnx_data"]
_WEIGHTS = ["*.safetensors"]
_PLAIN = ("*.onnx", "*.onnx_data", "*.safetensors", "*.json", "*.txt", "*.model")
_REMEMBERED = "weights.json"


def located(name: str) -> Path:
    """Give the folder of a model: `name` is one, or the model's name on the Hugging Face Hub.

    A model of the Hub is fetched once and kept where its library keeps them. Raises ModelMissing,
    with what to do, if there is neither folder nor model, or no network.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder.absolute()
    if folder.is_absolute() or name.startswith((".", "~")) or name.count("/") > 1:
        raise ModelMissing(
            f"there is no folder {name!r}: name the folder of a model, or a model of the Hugging "
            "Face Hub such as sentence-transformers/all-MiniLM-L6-v2"
        )
    try:
        return _fetched(name)
    except Exception as error:  # the Hub's library raises errors of its own, httpx's and OSError
        line = " ".join(str(error).split())[:160] or type(error).__name__
        raise ModelMissing(
            f"the model {name!r} is not on this machine and can't be fetched from the Hugging Face "
            f"Hub ({line}): check the name and the network, or name a folder with the model's files"
        ) from error


def _fetched(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        kept = Path(snapshot_download(name, local_files_only=True))
        if onnx_file(kept) or [*kept.rglob("*.safetensors")]:
            return kept
    except LocalEntryNotFoundError:
        pass
    kept = Path(snapshot_download(name, allow_patterns=[*_SMALL, *_ONNX]))
    if onnx_file(kept) is None:
        snapshot_download(name, allow_patterns=_WEIGHTS)
    return kept


def onnx_file(folder: Path) -> Path | None:
    """Give the folder's ONNX file, if its maker put one there."""
    places = (folder / "onnx" / "model.onnx", folder / "model.onnx")
    return next((path for path in places if path.is_file()), None)


def folder_hash(folder: Path) -> str:
    """Give a hash of the model's files: weights, words and settings."""
    digest = hashlib.sha256()
    paths = {path for pattern in _PLAIN for path in folder.rglob(pattern) if path.is_file()}
    for path in sorted(paths, key=lambda path: path.relative_to(folder).as_posix()):
        digest.update(f"{path.relative_to(folder).as_posix()} {file_hash(path)}\n".encode())
    return digest.hexdigest()


def file_hash(path: Path, memory: Path | None = None) -> str:
    """Give the SHA-256 of a file; one that did not change is not read again.

    Across processes that holds where `memory` is a folder to remember it in.
    """
    stat = path.stat()
    stamp = f"{path.resolve()} {stat.st_size} {stat.st_mtime_ns} {stat.st_ino}"
    if memory is None:
        return _hash(str(path), stamp)
    known = _remembered(memory)
    if stamp not in known:
        known = {stamp: _hash(str(path), stamp)}
        part = memory / f"{_REMEMBERED}.{os.getpid()}.part"
        try:
            part.write_text(json.dumps(known), encoding="utf-8")
            part.replace(memory / _REMEMBERED)
        except OSError:
            part.unlink(missing_ok=True)
    return known[stamp]


def _remembered(memory: Path) -> dict[str, str]:
    try:
        plain = json.loads((memory / _REMEMBERED).read_text(encoding="utf-8"))
        return {str(stamp): str(said) for stamp, said in plain.items()}
    except (OSError, ValueError, AttributeError):
        return {}


@lru_cache(maxsize=256)
def _hash(path: str, stamp: str) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
