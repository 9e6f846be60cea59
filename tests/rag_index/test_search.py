"""Questions find their article, nonsense finds nothing, and nobody sees the future."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge_base.articles import load_articles
from rag_index.errors import IndexCorrupt
from rag_index.fusion import PER_DOCUMENT
from rag_index.search import KnowledgeIndex, Passage

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KNOWN = sorted({article.known_at for article in load_articles()})

# Each question with the articles that answer it.
FIRST = {
    "what does RSI above 70 mean": "relative-strength-index",
    "how is the MACD histogram computed": "macd",
    "what is the average true range": "average-true-range",
    "is IBM overbought?": "relative-strength-index stochastic-oscillator",
    "how far away should I put my stop loss": "atr-stop-loss stop-loss-types",
    "how many shares should I buy with the 2 % rule": "two-percent-rule",
    "what is the golden cross": "moving-average-crossover",
    "what is an exponential moving average": "exponential-moving-average",
    "what does a close on the upper Bollinger band tell me": "bollinger-bands",
    "expected shortfall versus VaR": "expected-shortfall value-at-risk",
    "how many stocks do I need to be diversified": "concentration-and-diversification",
    "when should I use a limit order": "limit-order",
    "what is slippage": "slippage",
    "fat finger error protection": "price-collars",
    "why is the risk gate deterministic": "pre-trade-risk-gate",
    "what is the difference between adjusted close and raw close": "adjusted-prices",
    "my backtest looks too good, is it overfitted": "backtest-overfitting",
    "what is a good P/E ratio": "price-earnings-ratio",
    "the broker timed out, was my order placed?": "order-outcome-unknown",
}
NONSENSE = [
    "asdf qwer zxcv",
    "jfkdls ajfkdl jfkdsla",
    "xyzzy",
    "!!! ??? ###",
    "the the the the",
    "what is the weather in Paris today",
    "how do I bake a chocolate cake",
    "\x00\x01",
    "a" * 10_000,
]


@pytest.mark.parametrize(("question", "articles"), FIRST.items())
def test_a_question_finds_an_article_that_answers_it_first(
    index: KnowledgeIndex, question: str, articles: str
) -> None:
    assert index.search(question, as_of=NOW)[0].document in articles.split()


@pytest.mark.parametrize("text", NONSENSE, ids=lambda text: text[:20].strip("\x00\x01"))
def test_nonsense_finds_nothing(index: KnowledgeIndex, text: str) -> None:
    assert index.search(text, as_of=NOW) == ()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    as_of=st.one_of(
        st.datetimes(timezones=st.just(UTC)),
        st.sampled_from(KNOWN),
        st.sampled_from(KNOWN).map(lambda moment: moment - timedelta(microseconds=1)),
    ),
    question=st.sampled_from([*FIRST, "how do I stop all trading in an emergency"]),
)
def test_nothing_known_later_than_as_of_is_ever_found(
    index: KnowledgeIndex, as_of: datetime, question: str
) -> None:
    found = index.search(question, as_of=as_of, limit=20)
    assert all(passage.known_at <= as_of for passage in found)


def test_an_article_is_seen_from_the_very_moment_it_is_known(index: KnowledgeIndex) -> None:
    known_at = datetime(2017, 3, 31, tzinfo=UTC)
    question = "what is a kill switch"

    def documents(as_of: datetime) -> set[str]:
        return {passage.document for passage in index.search(question, as_of=as_of)}

    assert "kill-switch" in documents(known_at)
    assert "kill-switch" not in documents(known_at - timedelta(microseconds=1))


def test_as_of_is_an_instant_in_whatever_zone_it_is_given(index: KnowledgeIndex) -> None:
    east = timezone(timedelta(hours=5))
    just_before = datetime(2017, 3, 31, 4, 59, 59, tzinfo=east)
    found = index.search("what is a kill switch", as_of=just_before)
    assert "kill-switch" not in {passage.document for passage in found}


def test_before_anything_was_known_nothing_is_found(index: KnowledgeIndex) -> None:
    assert index.search("what is slippage", as_of=datetime(1900, 1, 1, tzinfo=UTC)) == ()


def test_at_most_two_passages_come_from_one_article(index: KnowledgeIndex) -> None:
    documents = [p.document for p in index.search("what is the RSI", as_of=NOW, limit=20)]
    assert max(documents.count(document) for document in documents) == PER_DOCUMENT


def test_limit_and_kind_are_kept(index: KnowledgeIndex) -> None:
    assert len(index.search("stop loss", as_of=NOW, limit=1)) == 1
    found = index.search("average true range stop", as_of=NOW, kind="indicator", limit=3)
    indicators = {a.slug for a in load_articles() if a.kind == "indicator"}
    assert found
    assert {passage.document for passage in found} <= indicators
    assert index.search("stop loss", as_of=NOW, kind="it's no kind") == ()


def test_scores_fall_from_at_most_one(index: KnowledgeIndex) -> None:
    scores = [p.score for p in index.search("position sizing and stops", as_of=NOW)]
    assert scores == sorted(scores, reverse=True)
    assert 0 < scores[-1] <= scores[0] <= 1


def test_every_passage_resolves_to_its_text_and_names_a_source(index: KnowledgeIndex) -> None:
    for question in FIRST:
        for passage in index.search(question, as_of=NOW):
            assert index.resolve(passage) == passage.text
            assert passage.source


def test_a_passage_whose_article_changed_does_not_resolve(index: KnowledgeIndex) -> None:
    passage = index.search("what is slippage", as_of=NOW)[0]
    fields = {name: getattr(passage, name) for name in Passage.__dataclass_fields__}
    for change in ({"start": passage.start + 1}, {"document": "gone"}, {"sha256": "0" * 64}):
        with pytest.raises(IndexCorrupt, match="tollgate knowledge build"):
            index.resolve(Passage(**fields | change))


@pytest.mark.parametrize("query", ["", "   ", "\n\t"])
def test_an_empty_question_is_refused_with_a_sentence(index: KnowledgeIndex, query: str) -> None:
    with pytest.raises(ValueError, match="the question is empty"):
        index.search(query, as_of=NOW)


def test_a_moment_without_time_zone_and_a_limit_of_nothing_are_refused(
    index: KnowledgeIndex,
) -> None:
    with pytest.raises(ValueError, match="time zone"):
        index.search("what is slippage", as_of=NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="at least 1"):
        index.search("what is slippage", as_of=NOW, limit=0)


@pytest.mark.parametrize("query", ['"quoted" AND (x OR', "stop* ~loss^2", "'; DROP TABLE--", "%_"])
def test_the_signs_of_query_languages_are_only_text(index: KnowledgeIndex, query: str) -> None:
    index.search(query, as_of=NOW)


def test_several_threads_get_the_answers_that_one_gets(index: KnowledgeIndex) -> None:
    questions = list(FIRST)[:6]
    expected = [index.search(question, as_of=NOW) for question in questions]
    got: list[list[tuple[Passage, ...]]] = []

    def ask() -> None:
        got.append([index.search(question, as_of=NOW) for question in questions])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [expected] * 4
