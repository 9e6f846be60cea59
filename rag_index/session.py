"""Opens an ONNX graph on the best device that ONNX Runtime offers here: a GPU, or the processor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

GPU = "CUDAExecutionProvider"


def open_session(
    graph: bytes | str, *, threads: int, weights: Mapping[str, Any] | None = None
) -> InferenceSession:
    """Open a graph, or the file of one; `weights` are arrays that it names and doesn't hold.

    Raises what ONNX Runtime raises for a graph that it can't run.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    if weights:
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in weights.values()]
        options.add_external_initializers([*weights], values)
    there = onnxruntime.get_available_providers()
    providers = [name for name in (GPU, "CPUExecutionProvider") if name in there]
    return onnxruntime.InferenceSession(graph, options, providers=providers)


def device_of(session: InferenceSession) -> str:
    """Name the device that a session runs on, for people."""
    return "GPU (CUDA)" if GPU in session.get_providers() else "processor"
