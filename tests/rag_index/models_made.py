"""Small models made on the spot, laid out as sentence-transformers lays them out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save_model
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

WORDS = "[PAD] [UNK] [CLS] [SEP] query : good bad one two three".split()
WIDTH, MOST = 8, 16
TABLE = np.random.default_rng(7).normal(size=(len(WORDS), WIDTH)).astype(np.float32)


def tokenizer(folder: Path) -> None:
    made = Tokenizer(models.WordPiece({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    made.save(str(folder / "tokenizer.json"))
    names = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]"}
    config = {f"{name}_token": token for name, token in names.items()}
    config |= {"tokenizer_class": "BertTokenizer", "model_max_length": MOST}
    _json(folder / "tokenizer_config.json", config)
    (folder / "vocab.txt").write_text("\n".join(WORDS))


def sentence_folder(
    folder: Path,
    *,
    onnx: bool = True,
    pooling: str = "mean",
    more: tuple[str, ...] = (),
    question: str = "",
) -> Path:
    """A model whose pieces have the rows of TABLE (ONNX), or BERT weights with one layer."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer(folder)
    kinds = ["Transformer", "Pooling", *more]
    paths = ["", *(f"{number}_{kind}" for number, kind in enumerate(kinds[1:], 1))]
    for path in paths[1:]:
        (folder / path).mkdir(exist_ok=True)
        _json(folder / path / "config.json", {})
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (kind, path) in enumerate(zip(kinds, paths, strict=True))
    ]
    _json(folder / "modules.json", modules)
    mode = {"mean": "mean_tokens", "cls": "cls_token", "max": "max_tokens"}[pooling]
    pools = {f"pooling_mode_{name}": name == mode for name in ("cls_token", "mean_tokens")}
    pools |= {"pooling_mode_max_tokens": pooling == "max", "word_embedding_dimension": WIDTH}
    _json(folder / "1_Pooling" / "config.json", pools)
    _json(folder / "sentence_bert_config.json", {"max_seq_length": MOST, "do_lower_case": False})
    _json(folder / "config_sentence_transformers.json", {"prompts": {"query": question}})
    _json(folder / "config.json", bert_config())
    if onnx:
        rows_graph(folder / "onnx" / "model.onnx")
    else:
        save_file(bert_weights(), folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def cross_encoder_folder(folder: Path, *, scores: int = 1) -> Path:
    """A cross-encoder: each "good" in the passage is worth 2, each "bad" -2."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer(folder)
    _json(folder / "config.json", bert_config())
    worth = np.zeros((len(WORDS), scores), np.float32)
    worth[WORDS.index("good")], worth[WORDS.index("bad")] = 2, -2
    nodes = [
        helper.make_node("Gather", ["worth", "input_ids"], ["each"]),
        helper.make_node("Mul", ["attention_mask", "token_type_ids"], ["passage"]),
        helper.make_node("Cast", ["passage"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["real", "last"], ["wide"]),
        helper.make_node("Mul", ["each", "wide"], ["counted"]),
        helper.make_node("ReduceSum", ["counted", "axis"], ["logits"], keepdims=0),
    ]
    constants = {"worth": worth, "last": np.array([-1]), "axis": np.array([1])}
    inputs = ("input_ids", "attention_mask", "token_type_ids")
    _graph(folder / "model.onnx", nodes, constants, inputs, ("logits", ["texts", scores]))
    return folder


def rows_graph(path: Path) -> None:
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])]
    out = ("last_hidden_state", ["texts", "pieces", WIDTH])
    _graph(path, nodes, {"table": TABLE}, ("input_ids",), out)


def bert_config() -> dict:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "vocab_size": len(WORDS),
        "hidden_size": WIDTH,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 12,
        "max_position_embeddings": MOST,
        "type_vocab_size": 2,
        "hidden_act": "gelu",
        "layer_norm_eps": 1e-12,
        "pad_token_id": 0,
    }


def bert_weights() -> dict[str, np.ndarray]:
    chance = np.random.default_rng(11)
    layer = "encoder.layer.0"
    shapes = {
        "embeddings.word_embeddings.weight": (len(WORDS), WIDTH),
        "embeddings.position_embeddings.weight": (MOST, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
        f"{layer}.intermediate.dense.weight": (12, WIDTH),
        f"{layer}.intermediate.dense.bias": (12,),
        f"{layer}.output.dense.weight": (WIDTH, 12),
        f"{layer}.output.dense.bias": (WIDTH,),
        "pooler.dense.weight": (WIDTH, WIDTH),
        "pooler.dense.bias": (WIDTH,),
    }
    for part in ("self.query", "self.key", "self.value", "output.dense"):
        shapes[f"{layer}.attention.{part}.weight"] = (WIDTH, WIDTH)
        shapes[f"{layer}.attention.{part}.bias"] = (WIDTH,)
    for part in ("embeddings", f"{layer}.attention.output", f"{layer}.output"):
        shapes[f"{part}.LayerNorm.weight"] = shapes[f"{part}.LayerNorm.bias"] = (WIDTH,)
    return {name: chance.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def _graph(path: Path, nodes: list, constants: dict, inputs: tuple, out: tuple) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    ends = [
        helper.make_tensor_value_info(i, TensorProto.INT64, ["texts", "pieces"]) for i in inputs
    ]
    result = helper.make_tensor_value_info(out[0], TensorProto.FLOAT, out[1])
    held = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "made", ends, [result], held)
    opset = helper.make_opsetid("", 20)
    save_model(helper.make_model(graph, opset_imports=[opset], ir_version=10), path)


def _json(path: Path, plain: object) -> None:
    path.write_text(json.dumps(plain), encoding="utf-8")
