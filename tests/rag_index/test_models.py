"""Other models than the packaged one: a folder or a name, run as the model's own files say."""

from __future__ import annotations

import importlib.util
import json
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from rag_index.cache import EmbeddingCache, embed_cached
from rag_index.choosing import embedder_for, reranker_for, said_of
from rag_index.embed import Embedder, question_vector
from rag_index.errors import ModelMissing
from rag_index.sentence_model import SentenceModel
from rag_index.torch_model import TorchModel, TorchReranker
from tests.rag_index.models_made import (
    TABLE,
    WIDTH,
    WORDS,
    bert_weights,
    cross_encoder_folder,
    sentence_folder,
)

TORCH = importlib.util.find_spec("sentence_transformers") is not None


def rows(text: str) -> np.ndarray:
    return TABLE[[WORDS.index(word) for word in f"[CLS] {text} [SEP]".split()]]


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ("mean", lambda text: rows(text).mean(axis=0)),
        ("cls", lambda text: rows(text)[0]),
        ("max", lambda text: rows(text).max(axis=0)),
    ],
)
def test_a_model_with_an_onnx_file_is_pooled_as_its_modules_say(tmp_path, pooling, expected):
    model = embedder_for(str(sentence_folder(tmp_path / "tiny", pooling=pooling)))
    assert isinstance(model, SentenceModel)
    texts = ["one", "good two three bad", "two two"]
    vectors = model.embed(texts)
    np.testing.assert_allclose(vectors, [unit(expected(t)) for t in texts], atol=1e-6)
    assert vectors.shape == (3, model.dimensions) == (3, WIDTH)
    assert model.embed([]).shape == (0, WIDTH)
    assert model.count("one two") == 2


def test_only_as_many_pieces_as_the_model_takes_are_read(tmp_path):
    model = embedder_for(str(sentence_folder(tmp_path)))
    short, long = model.embed(["one " * 14, "one " * 13 + "two " * 400])
    assert not np.allclose(short, long)
    np.testing.assert_allclose(long, model.embed(["one " * 13 + "two"])[0], atol=1e-6)


def test_the_weights_of_a_bert_run_without_an_onnx_file_and_without_torch(tmp_path):
    for pooling in ("mean", "cls"):
        folder = sentence_folder(tmp_path / pooling, onnx=False, pooling=pooling)
        vectors = embedder_for(str(folder)).embed(["one two", "three", "good"])
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert "torch" not in sys.modules or TORCH


def test_a_bert_saved_with_a_head_gives_the_same_vectors(tmp_path):
    from safetensors.numpy import save_file

    plain = sentence_folder(tmp_path / "plain", onnx=False)
    headed = sentence_folder(tmp_path / "headed", onnx=False)
    weights = {f"bert.{name}": array for name, array in bert_weights().items()}
    save_file(weights | {"cls.bias": np.zeros(3, np.float32)}, headed / "model.safetensors")
    ours, theirs = (embedder_for(str(folder)).embed(["one two"]) for folder in (plain, headed))
    np.testing.assert_array_equal(ours, theirs)


def test_a_question_carries_the_words_that_the_model_wants_before_one(tmp_path):
    model = embedder_for(str(sentence_folder(tmp_path, question="query : ")))
    asked = question_vector(model, "one")
    np.testing.assert_allclose(asked, model.embed(["query : one"])[0], atol=1e-6)
    assert not np.allclose(asked, model.embed(["one"])[0])


def test_the_packaged_model_asks_as_it_reads(embedder):
    text = "what is a stop loss"
    np.testing.assert_array_equal(question_vector(embedder, text), embedder.embed([text])[0])


def test_the_id_tells_the_weights_and_not_the_place(tmp_path):
    first = embedder_for(str(sentence_folder(tmp_path / "a" / "tiny"))).model_id
    same = embedder_for(str(sentence_folder(tmp_path / "b" / "tiny"))).model_id
    other = sentence_folder(tmp_path / "c" / "tiny")
    pools = other / "1_Pooling" / "config.json"
    pools.write_text(pools.read_text() + " ")
    assert first == same
    assert first.startswith("tiny/")
    assert first.endswith(f"/{WIDTH}")
    assert embedder_for(str(other)).model_id != first


def test_the_packaged_model_is_known_by_its_content(tmp_path, embedder):
    assert embedder.model_id == Embedder(graphs=tmp_path).model_id == Embedder().model_id
    assert embedder.model_id == "all-MiniLM-L6-v2/53aa51172d14/384"
    kept = tmp_path / "weights.json"
    assert len(json.loads(kept.read_text())) == 1
    kept.write_text("[torn")
    assert Embedder(graphs=tmp_path).model_id == embedder.model_id


def test_vectors_of_two_models_are_kept_apart(tmp_path):
    one = embedder_for(str(sentence_folder(tmp_path / "one")))
    two = embedder_for(str(sentence_folder(tmp_path / "two", pooling="cls")))
    for model, made in ((one, 1), (two, 1), (one, 0), (two, 0)):
        cache = EmbeddingCache(tmp_path / "kept.sqlite", model.model_id, model.dimensions)
        vectors, computed = embed_cached(cache, ["good one"], model, lambda *said: None)
        assert computed == made
        np.testing.assert_allclose(vectors, model.embed(["good one"]), atol=1e-6)


@pytest.mark.parametrize("onnx", [True, False])
@pytest.mark.parametrize("damage", ["graph", "tokenizer", "config", "modules"])
def test_a_damaged_model_is_a_sentence(tmp_path, damage, onnx):
    folder = sentence_folder(tmp_path, onnx=onnx)
    graph = folder / ("onnx/model.onnx" if onnx else "model.safetensors")
    names = {"graph": graph, "tokenizer": folder / "tokenizer.json"}
    names |= {"config": folder / "config.json", "modules": folder / "modules.json"}
    names[damage].write_bytes(b"\x07{")
    with pytest.raises(ModelMissing, match="fetch"):
        embedder_for(str(folder)).embed(["one"])


@pytest.mark.parametrize("name", ["./nowhere", "~/nowhere", "/no/where", "a/b/c"])
def test_a_folder_that_is_not_there_is_a_sentence(name):
    with pytest.raises(ModelMissing, match="there is no folder"):
        embedder_for(name)


def test_a_name_that_cannot_be_fetched_says_how_to_give_a_folder(monkeypatch):
    monkeypatch.setattr("rag_index.model_files._fetched", _unreachable)
    for choose in (embedder_for, reranker_for):
        with pytest.raises(ModelMissing, match=r"'BAAI/bge-small-en'.*no route.*name a folder"):
            choose("BAAI/bge-small-en")


def _unreachable(name: str) -> Path:
    raise ConnectionError("no route")


@pytest.mark.skipif(TORCH, reason="sentence-transformers is installed")
def test_a_model_that_needs_torch_says_what_to_install(tmp_path):
    dense = sentence_folder(tmp_path / "dense", more=("Dense",))
    model = embedder_for(str(dense))
    assert isinstance(model, TorchModel)
    with pytest.raises(ModelMissing, match=r"tollgate\[models\]"):
        model.embed(["one"])
    assert "tollgate[models]" in said_of(TorchReranker("x", tmp_path))


def test_a_model_that_needs_torch_goes_through_sentence_transformers(tmp_path, monkeypatch):
    folder = sentence_folder(tmp_path / "dense", more=("Dense",))
    asked = []

    class Theirs:
        device = "cuda:0"

        def __init__(self, place, *, local_files_only):
            asked.append((place, local_files_only))

        def encode_query(self, texts, **options):
            return np.array([[0.0, 1.0]] * len(texts))

        def encode_document(self, texts, **options):
            assert options["normalize_embeddings"]
            return np.array([[1.0, 0.0]] * len(texts))

    module = types.SimpleNamespace(SentenceTransformer=Theirs)
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    model = embedder_for(str(folder))
    assert model.embed(["one", "two"]).tolist() == [[1, 0], [1, 0]]
    assert question_vector(model, "one").tolist() == [0, 1]
    assert model.embed([]).shape == (0, 2)
    assert said_of(model).endswith("/2 on the GPU (cuda:0)")
    assert asked == [(str(folder), True)]


@pytest.mark.skipif(not TORCH, reason="sentence-transformers is not installed")
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_our_graph_agrees_with_sentence_transformers(tmp_path, pooling):
    folder = sentence_folder(tmp_path / "tiny", onnx=False, pooling=pooling)
    texts = ["one", "good two three bad", "one " * 40]
    ours, theirs = embedder_for(str(folder)).embed(texts), TorchModel("tiny", folder).embed(texts)
    np.testing.assert_allclose(ours, theirs, atol=2e-6)


def test_a_cross_encoder_reads_the_passage_beside_the_question(tmp_path):
    reranker = reranker_for(str(cross_encoder_folder(tmp_path)))
    scores = reranker.scores("bad", ["good", "two", "bad bad", "good good one three two good"])
    expected = [1 / (1 + np.exp(-worth)) for worth in (2, 0, -4, 6)]
    assert scores == pytest.approx(expected)
    assert reranker.scores("one", []) == []
    assert said_of(reranker).endswith("on the processor")


def test_a_model_with_several_figures_for_a_pair_is_no_reranker(tmp_path):
    reranker = reranker_for(str(cross_encoder_folder(tmp_path, scores=3)))
    with pytest.raises(ModelMissing, match="not one score"):
        reranker.scores("one", ["two"])


def test_a_damaged_reranker_is_a_sentence(tmp_path):
    folder = cross_encoder_folder(tmp_path)
    (folder / "model.onnx").write_bytes(b"torn")
    with pytest.raises(ModelMissing, match="TOLLGATE_RERANKER"):
        reranker_for(str(folder)).scores("one", ["two"])
