"""The articles: each file is checked, and a bad one is named with what to fix."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge_base.articles import ARTICLES, Article, ArticleError, load_articles
from knowledge_base.schema import Kind

GOOD = """---
title: A title
kind: risk
tags: [one, two]
sources:
  - {author: "Somebody", title: "A book", year: 1999}
licence: MIT
known_at: 2000-01-02
related: []
---

# A title

A body.
"""

# What a trader may ask the desk about, and the article that must be there for it.
COVERED = set(
    re.findall(
        r"\S+",
        """
simple-moving-average exponential-moving-average relative-strength-index macd average-true-range
bollinger-bands moving-average-crossover mean-reversion momentum two-percent-rule atr-stop-loss
value-at-risk drawdown concentration-and-diversification gross-and-net-exposure
cash-and-buying-power market-order limit-order slippage transaction-costs price-collars
pre-trade-risk-gate human-approval kill-switch stale-data adjusted-prices look-ahead-bias
backtest-overfitting volume-and-liquidity ohlcv-bars price-earnings-ratio cash-flow-valuation
short-selling volatility order-outcome-unknown bid-ask-spread
average-directional-index on-balance-volume stochastic-oscillator rate-of-change
combining-indicators candlestick-charts head-and-shoulders double-top-and-bottom triangles
flags-and-pennants support-and-resistance price-gaps engulfing-pattern doji hammer trendlines
breakouts volume-confirmation evidence-on-technical-analysis donchian-breakout pairs-trading
dual-moving-average carry-trade value-investing low-volatility-investing quality-investing
calendar-effects event-driven-trading market-making statistical-arbitrage trend-following-futures
buy-and-hold dollar-cost-averaging
""",
    )
)


@pytest.fixture(scope="module")
def articles() -> tuple[Article, ...]:
    return load_articles()


def write(folder: Path, text: str, name: str = "an-article.md") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def test_every_tool_of_the_desk_has_its_article(articles: tuple[Article, ...]) -> None:
    assert {article.slug for article in articles} >= COVERED


def test_there_is_something_to_read_about_everything(articles: tuple[Article, ...]) -> None:
    of_kind = Counter(article.kind for article in articles)
    assert len(articles) >= 150
    assert {kind.value: of_kind[kind] for kind in Kind if of_kind[kind] < 4} == {}


def test_every_related_article_exists_and_is_another_one(articles: tuple[Article, ...]) -> None:
    slugs = {article.slug for article in articles}
    for article in articles:
        assert set(article.related) <= slugs - {article.slug}, article.slug


def test_every_article_is_reached_from_another(articles: tuple[Article, ...]) -> None:
    reached = {slug for article in articles for slug in article.related}
    assert {article.slug for article in articles} - reached == set()


def test_no_two_tags_are_the_same_word_in_one_and_in_many(articles: tuple[Article, ...]) -> None:
    tags = {tag for article in articles for tag in article.tags}
    assert {tag for tag in tags if f"{tag}s" in tags} == set()


def test_the_text_of_an_article_is_its_file_after_the_front_matter(
    articles: tuple[Article, ...],
) -> None:
    for article in articles:
        whole = article.path.read_bytes().decode("utf-8")
        assert whole.endswith("\n---\n" + article.text)
        assert article.text.lstrip().startswith(f"# {article.title}\n")


def test_articles_have_the_length_of_an_article(articles: tuple[Article, ...]) -> None:
    lengths = {article.slug: len(article.text.split()) for article in articles}
    assert {slug: n for slug, n in lengths.items() if not 250 <= n <= 700} == {}


def test_no_source_is_younger_than_the_moment_its_article_was_known(
    articles: tuple[Article, ...],
) -> None:
    for article in articles:
        assert max(source.year for source in article.sources) <= article.known_at.year, article.slug


def test_most_of_the_knowledge_was_known_before_2012(articles: tuple[Article, ...]) -> None:
    early = [a for a in articles if a.known_at < datetime(2012, 1, 1, tzinfo=UTC)]
    assert len(early) >= 0.8 * len(articles)


def test_folders_are_the_taxonomy(articles: tuple[Article, ...]) -> None:
    folder_of = {
        Kind.INDICATOR: "indicators",
        Kind.STRATEGY: "strategies",
        Kind.MISTAKE: "mistakes",
        Kind.PATTERN: "patterns",
        Kind.MODEL: "models",
    }
    for article in articles:
        expected = folder_of.get(article.kind, article.kind.value)
        assert article.path.relative_to(ARTICLES).parts[0] == expected


def test_a_good_file_is_read_with_times_in_utc(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (article,) = load_articles(tmp_path)
    assert article.known_at == datetime(2000, 1, 2, tzinfo=UTC)
    assert article.text == "\n# A title\n\nA body.\n"
    assert article.sources[0].citation() == "Somebody (1999): A book"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("kind: risk", "kind: magic", "kind"),
        ("licence: MIT", "licence: unknown", "licence"),
        ("licence: MIT", "licence: MIT\nauthor: me", "author"),
        ("title: A title\n", "", "title"),
        ("known_at: 2000-01-02", "known_at: soon", "known_at"),
        ("known_at: 2000-01-02", "known_at: 2000-01-02T10:00:00", "known_at"),
        ("year: 1999", "year: '1999'", "year"),
        ("tags: [one, two]", "tags: []", "tags"),
        ("tags: [one, two]", "tags: [Not A Slug]", "tags"),
        (
            "related: []",
            "examples: [{inputs: {}, steps: [{name: a, formula: '1', value: '1'}]}]",
            "inputs",
        ),
        (
            "related: []",
            "examples: [{inputs: {x: {value: '1', tool: get_bars}}, steps: []}]",
            "not both",
        ),
        (
            "related: []",
            "examples: [{inputs: {x: {tool: get_bars, path: count}}, steps: []}]",
            "as of a date",
        ),
        (
            "related: []",
            "examples: [{inputs: {x: {value: '1'}}, steps: [{name: x, formula: x, value: '1'}]}]",
            "a name of its own",
        ),
        (
            "related: []",
            "examples: [{inputs: {x: {value: '1'}}, steps: [{name: y, formula: x, value: one}]}]",
            "value",
        ),
        ("related: []", "related: [no-such-article]", "no-such-article"),
        ("related: []", "related: [an-article]", "an-article"),
        ("related: []", "related: [", "not YAML"),
        ("---\ntitle", "title", "two lines of '---'"),
        ("related: []\n---\n", "related: []\n", "two lines of '---'"),
        ("# A title\n\nA body.\n", "", "body"),
        ("A body.\n", "A body.\r\n", "line ends"),
    ],
)
def test_a_bad_file_is_refused_and_named(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(ArticleError) as caught:
        load_articles(tmp_path)
    assert str(path) in str(caught.value)
    assert complaint in str(caught.value)


def test_a_file_that_is_not_utf8_is_refused_and_named(tmp_path: Path) -> None:
    path = tmp_path / "an-article.md"
    path.write_bytes(GOOD.encode() + b"\xff\xfe")
    with pytest.raises(ArticleError, match=r"an-article\.md: save the file as UTF-8"):
        load_articles(tmp_path)


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, GOOD)
    with pytest.raises(ArticleError, match="same name"):
        load_articles(tmp_path)


def test_a_file_name_that_is_no_slug_is_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "An Article.md")
    with pytest.raises(ArticleError, match="rename the file"):
        load_articles(tmp_path)
