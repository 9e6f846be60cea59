"""Opens the embedding model and the reranker that a person named, or the packaged model."""

from __future__ import annotations

from pathlib import Path

from rag_index.embed import Embedder, Encoder
from rag_index.errors import ModelMissing
from rag_index.model_files import located, onnx_file
from rag_index.model_plan import read_plan
from rag_index.rerank import CrossEncoder, Reranker


def embedder_for(name: str | None, *, threads: int = 1, graphs: Path | None = None) -> Encoder:
    """Give the model `name`, a folder or a model of the Hugging Face Hub; None: the packaged one.

    It runs on ONNX Runtime where the model has an ONNX file or is a BERT, else through
    sentence-transformers. Raises ModelMissing with what to do.
    """
    if name is None:
        return Embedder(threads=threads, graphs=graphs)
    folder = located(name)
    plan = read_plan(folder, name)
    if plan is not None:
        from rag_index.sentence_model import SentenceModel

        return SentenceModel(plan, threads=threads, graphs=graphs)
    from rag_index.torch_model import TorchModel

    return TorchModel(name, folder)


def reranker_for(name: str | None, *, threads: int = 1) -> Reranker | None:
    """Give the cross-encoder `name`, a folder or a model of the Hugging Face Hub; None: none."""
    if name is None:
        return None
    folder = located(name)
    onnx = onnx_file(folder)
    if onnx is not None and (folder / "tokenizer.json").is_file():
        return CrossEncoder(name, folder, onnx, threads=threads)
    from rag_index.torch_model import TorchReranker

    return TorchReranker(name, folder)


def said_of(model: object) -> str:
    """Say of a model what it is and where it runs: "name/hash/numbers on the processor"."""
    what = getattr(model, "model_id", None) or getattr(model, "name", type(model).__name__)
    try:
        return f"{what} on the {getattr(model, 'device', 'processor')}"
    except ModelMissing as error:
        return f"{what}: {error}"
