"""Chunks are exact spans of their article, of a size that the model reads whole."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.articles import Article, load_articles
from rag_index.chunk import MOST, chunk_article
from rag_index.embed import MAX_PIECES, Embedder

ARTICLES = load_articles()


def words(text: str) -> int:
    """Count words: a stand-in for word pieces that is fast enough for thousands of texts."""
    return len(text.split())


def with_body(body: str) -> Article:
    return replace(ARTICLES[0], text=body)


@pytest.mark.parametrize("article", ARTICLES, ids=lambda a: a.slug)
def test_every_chunk_of_an_article_is_a_span_of_it_and_nothing_is_lost(
    article: Article, embedder: Embedder
) -> None:
    chunks = chunk_article(article, embedder.count)
    place = 0
    for chunk in chunks:
        assert article.text[chunk.start : chunk.end] == chunk.text
        assert hashlib.sha256(chunk.text.encode()).hexdigest() == chunk.sha256
        assert article.text[place : chunk.start].strip() == ""
        assert embedder.count(chunk.indexed) <= MAX_PIECES - 2
        place = chunk.end
    assert article.text[place:].strip() == ""
    assert len({chunk.id for chunk in chunks}) == len(chunks)


def test_a_chunk_is_named_after_the_section_in_which_it_starts() -> None:
    body = "# Top\n\n" + "one " * 150 + "\n\n## Next part\n\n" + "two " * 150 + "\n"
    first, second = chunk_article(with_body(body), words)
    assert (first.section, second.section) == ("Top", "Next part")
    assert second.text.startswith("## Next part")


def test_the_id_of_a_chunk_depends_on_its_text_and_not_on_its_place() -> None:
    long = "some words about a thing " * 40
    (alone,) = chunk_article(with_body(f"{long}\n"), words)
    moved = chunk_article(with_body(f"{'before ' * 150}\n\n{long}\n"), words)
    assert alone.id in {chunk.id for chunk in moved}


PARTS = ["# H\n", "## A b\n", "word ", "x", "\n", "\n\n", "é 東京 ", "Sentence one. Two! ", "  \t"]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*PARTS, "long " * 300, "y" * 50]), max_size=30).map("".join))
def test_any_text_is_cut_without_loss_or_overlap(body: str) -> None:
    place = 0
    for chunk in chunk_article(with_body(body), words):
        assert body[chunk.start : chunk.end] == chunk.text
        assert chunk.text.strip()
        assert body[place : chunk.start].strip() == ""
        assert words(chunk.text) <= MOST
        place = chunk.end
    assert body[place:].strip() == ""
