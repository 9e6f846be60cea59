"""Other models than the packaged one: by name, through sentence-transformers, and a reranker."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rag_index.embed import Embedder
from rag_index.errors import ModelMissing
from rag_index.rerank import CrossEncoderReranker
from rag_index.search import KnowledgeIndex
from rag_index.sentence_model import SentenceModel

NOW = datetime(2026, 1, 1, tzinfo=UTC)
INSTALLED = importlib.util.find_spec("sentence_transformers") is not None


class Backwards:
    """A reranker that turns the order round."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        return [number / len(texts) for number in range(len(texts))]


def test_a_reranker_decides_the_order(index_folder: Path, embedder: Embedder) -> None:
    plain = KnowledgeIndex.open(index_folder, embedder=embedder)
    turned = KnowledgeIndex.open(index_folder, embedder=embedder, reranker=Backwards())
    question = "what is slippage"
    first = [p.id for p in plain.search(question, as_of=NOW, limit=20)]
    second = [p.id for p in turned.search(question, as_of=NOW, limit=20)]
    assert first != second
    assert second[-1] not in first[-1:]


@pytest.mark.skipif(INSTALLED, reason="sentence-transformers is installed")
def test_without_sentence_transformers_the_error_says_what_to_install() -> None:
    with pytest.raises(ModelMissing, match="sentence-transformers"):
        SentenceModel("some/model").embed(["text"])
    with pytest.raises(ModelMissing, match="sentence-transformers"):
        CrossEncoderReranker("some/model").scores("question", ["text"])


@pytest.fixture(scope="module")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder with random weights, made here."""
    if not INSTALLED:
        pytest.skip("sentence-transformers is not installed: see the extra of that name")
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "one", "two", "three"]
    (folder / "vocab.txt").write_text("\n".join(words))
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=1,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


def test_a_cross_encoder_from_a_folder_scores_each_text(tiny_bert: Path) -> None:
    scores = CrossEncoderReranker(str(tiny_bert)).scores("one", ["two", "three three", "two"])
    assert all(0 < score < 1 for score in scores)
    assert scores[0] == pytest.approx(scores[2])


def test_a_sentence_model_from_a_folder_gives_vectors_of_length_one(tiny_bert: Path) -> None:
    model = SentenceModel(str(tiny_bert))
    vectors = model.embed(["one two", "three"])
    assert vectors.shape == (2, model.dimensions) == (2, 16)
    assert (vectors**2).sum(axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert model.count("one two") == 2
    assert model.model_id == SentenceModel(str(tiny_bert)).model_id


def test_a_model_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        SentenceModel(str(tmp_path / "nothing")).embed(["text"])
