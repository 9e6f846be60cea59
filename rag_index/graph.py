"""A small writer of ONNX graphs: nodes, constants, and weights that stay outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto


class Graph:
    """A growing list of nodes, constants and weights; each method gives an output's name."""

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], eps: float) -> None:
        """Take the shape of each weight by name, and the epsilon of every normalisation."""
        self.shapes, self.eps = shapes, eps
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []
        self.weights: dict[str, TensorProto] = {}

    def add(self, op: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Add a node."""
        from onnx import helper

        name = output or f"{op}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], **attributes))
        return name

    def const(self, *values: int | float) -> str:
        """Add a vector of floats, or of 64-bit integers."""
        from onnx import TensorProto, helper

        kind = TensorProto.FLOAT if isinstance(values[0], float) else TensorProto.INT64
        name = f"const_{len(self.constants)}"
        self.constants.append(helper.make_tensor(name, kind, (len(values),), values))
        return name

    def weight(self, name: str) -> str:
        """Add a weight whose values are passed when the session starts."""
        from onnx import StringStringEntryProto, TensorProto

        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=self.shapes[name])
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.append(StringStringEntryProto(key="location", value="in-memory"))
        self.weights[name] = tensor
        return name

    def linear(self, x: str, layer: str) -> str:
        """Add x times the transposed weight plus the bias; x has one row per word piece."""
        weight, bias = self.weight(f"{layer}.weight"), self.weight(f"{layer}.bias")
        return self.add("Gemm", x, weight, bias, transB=1)

    def norm(self, x: str, layer: str) -> str:
        """Add a layer normalisation over the last axis."""
        weight, bias = self.weight(f"{layer}.weight"), self.weight(f"{layer}.bias")
        return self.add("LayerNormalization", x, weight, bias, axis=-1, epsilon=self.eps)
