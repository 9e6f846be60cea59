"""Builds the BERT encoder as an ONNX graph in memory; the weights stay outside, by name.

The graph takes `ids` and `mask` (int64, texts x word pieces, 1 = a real piece) and gives
`vectors` (float32, texts x hidden) of length 1: the mean over the real pieces, or the first piece.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict

from rag_index.graph import Graph

OPSET = 20
IR_VERSION = 10


class BertConfig(TypedDict):
    """The part of the model's config.json that shapes the graph."""

    hidden_size: int
    layer_norm_eps: float
    num_attention_heads: int
    num_hidden_layers: int
    pooling: NotRequired[str]


def build_graph(
    config: BertConfig, shapes: Mapping[str, tuple[int, ...]]
) -> tuple[bytes, list[str]]:
    """Give the serialised model and the names of the weights to pass as external initializers.

    `shapes` holds the shape of each weight in the file; KeyError if one is not there.
    """
    from onnx import TensorProto, helper

    g = Graph(shapes, config["layer_norm_eps"])
    hide = _mask(g)
    x, split = _embed(g, config)
    for number in range(config["num_hidden_layers"]):
        x = _layer(g, x, f"encoder.layer.{number}", config, split, hide)
    _pool(g, x, config["hidden_size"], config.get("pooling", "mean"))
    ends = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "pieces"])
        for name in ("ids", "mask")
    ]
    out = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", None])
    graph = helper.make_graph(g.nodes, "bert", ends, [out], [*g.constants, *g.weights.values()])
    opset = helper.make_opsetid("", OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
    return model.SerializeToString(), list(g.weights)


def _mask(g: Graph) -> str:
    """Give what to add to attention scores: 0 at a real piece, a huge negative at padding."""
    real = g.add("Cast", "mask", output="real", to=1)
    absent = g.add("Mul", g.add("Sub", g.const(1.0), real), g.const(-1e9))
    return g.add("Unsqueeze", absent, g.const(1, 2))


def _embed(g: Graph, config: BertConfig) -> tuple[str, str]:
    """Give the embedded pieces, one row each, and the shape that parts rows into heads."""
    width, heads = config["hidden_size"], config["num_attention_heads"]
    zero, pieces = g.const(0), g.add("Shape", "ids", start=1, end=2)
    words = g.add("Gather", g.weight("embeddings.word_embeddings.weight"), "ids")
    table = g.weight("embeddings.position_embeddings.weight")
    places = g.add("Slice", table, zero, pieces, zero)
    first = g.add("Gather", g.weight("embeddings.token_type_embeddings.weight"), zero)
    summed = g.add("Add", g.add("Add", words, places), first)
    x = g.norm(g.add("Reshape", summed, g.const(-1, width)), "embeddings.LayerNorm")
    split = g.add("Concat", g.add("Shape", "ids"), g.const(heads, width // heads), axis=0)
    return x, split


def _layer(g: Graph, x: str, name: str, config: BertConfig, split: str, hide: str) -> str:
    width = config["hidden_size"]
    scale = g.const(float((width // config["num_attention_heads"]) ** -0.5))

    def heads(part: str, order: list[int]) -> str:
        rows = g.linear(x, f"{name}.attention.self.{part}")
        return g.add("Transpose", g.add("Reshape", rows, split), perm=order)

    scores = g.add("MatMul", heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]))
    scores = g.add("Add", g.add("Mul", scores, scale), hide)
    mixed = g.add("MatMul", g.add("Softmax", scores, axis=-1), heads("value", [0, 2, 1, 3]))
    mixed = g.add("Reshape", g.add("Transpose", mixed, perm=[0, 2, 1, 3]), g.const(-1, width))
    mixed = g.linear(mixed, f"{name}.attention.output.dense")
    x = g.norm(g.add("Add", mixed, x), f"{name}.attention.output.LayerNorm")
    inner = g.add("Gelu", g.linear(x, f"{name}.intermediate.dense"), approximate="none")
    outer = g.linear(inner, f"{name}.output.dense")
    return g.norm(g.add("Add", outer, x), f"{name}.output.LayerNorm")


def _pool(g: Graph, x: str, width: int, how: str) -> None:
    shape = g.add("Concat", g.add("Shape", "ids"), g.const(width), axis=0)
    rows = g.add("Reshape", x, shape)
    if how == "cls":
        pooled = g.add("Squeeze", g.add("Gather", rows, g.const(0), axis=1), g.const(1))
    else:
        real = g.add("Unsqueeze", "real", g.const(-1))
        total = g.add("ReduceSum", g.add("Mul", rows, real), g.const(1), keepdims=0)
        pooled = g.add("Div", total, g.add("ReduceSum", real, g.const(1), keepdims=0))
    length = g.add("ReduceL2", pooled, g.const(1), keepdims=1)
    g.add("Div", pooled, length, output="vectors")
