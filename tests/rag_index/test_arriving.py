"""What a feed brings is kept once, corrected beside the old, and seen by nobody too early."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag_index.adding import remove_documents
from rag_index.arriving import Arrival, canonical_of, document_id, standing, take_in
from rag_index.collection import Collection
from rag_index.document_check import check_documents
from rag_index.documents.registry import Registry
from rag_index.errors import IndexMissing
from rag_index.ranking import rank_documents
from rag_index.reindexing import index_again
from rag_index.rows import Row, Scope
from rag_index.updates import document_rows, documents_folder
from tests.rag_index.documents_made import WordHashes

DAY = timedelta(days=1)
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
NEWS = Arrival(
    "rss:news.example", "k1", "Anvils up", "Anvil sales rose 5 percent.", START,
    url="https://news.example/1", company="ACME", ticker="ACME",
    document_kind="news",
)  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def bring(home: Path, *arrivals: Arrival, now: datetime = START + 9 * DAY, encoder=None):
    return take_in(home, arrivals, now=now, embedder=encoder or WordHashes())


def seen(home: Path, as_of: datetime, *, in_memory: bool = True) -> list[str]:
    question = "anvil sales of acme"
    (vector,) = WordHashes().embed([question])
    try:
        there = Collection(documents_folder(home), WordHashes.model_id, in_memory=in_memory)
    except IndexMissing:
        return []
    found = there.ask(lambda s: rank_documents(s, question, vector, Scope(as_of=as_of)))
    return [one.hit.row.text for one in found]


def test_a_text_is_kept_with_its_moment_its_source_and_its_place(home):
    (outcome,) = bring(home, NEWS)
    assert (outcome.status, outcome.chunks) == ("added", 1)
    (row,) = document_rows(home)
    assert row.known_at == START
    assert row.source == "Anvils up (rss:news.example, https://news.example/1)"
    assert (row.ticker, row.document_kind, row.collection) == ("ACME", "news", "documents")
    assert "Anvil sales rose 5 percent." in row.text
    assert check_documents(home) == ()


@pytest.mark.parametrize("in_memory", [True, False])
def test_nobody_sees_a_text_before_it_was_known(home, in_memory):
    bring(home, NEWS)
    assert seen(home, START - timedelta(microseconds=1), in_memory=in_memory) == []
    assert len(seen(home, START, in_memory=in_memory)) == 1


def test_the_same_again_changes_nothing_and_embeds_nothing(home):
    bring(home, NEWS)
    before = Registry(home).records()
    encoder = WordHashes()
    (outcome,) = bring(home, replace(NEWS, known_at=START + 2 * DAY), encoder=encoder)
    assert (outcome.status, encoder.embedded) == ("unchanged", [])
    assert Registry(home).records() == before


def test_found_again_by_its_symbol_a_text_learns_whose_it_is_and_stays_known_since_then(home):
    bring(home, replace(NEWS, ticker="", company=""))
    (outcome,) = bring(home, NEWS, now=START + 20 * DAY)
    assert outcome.status == "unchanged"
    (row,) = document_rows(home)
    assert (row.ticker, row.company, row.known_at) == ("ACME", "ACME", START)
    assert len(Registry(home).records()) == 1


@pytest.mark.parametrize("in_memory", [True, False])
def test_a_corrected_text_is_seen_from_its_moment_and_the_old_one_until_then(home, in_memory):
    (first,) = bring(home, NEWS)
    late = START + 2 * DAY
    (second,) = bring(home, replace(NEWS, text="Anvil sales rose 0.5 percent.", known_at=late))
    assert (second.status, second.document) == ("changed", f"{first.document}-2")
    (before,) = seen(home, late - timedelta(microseconds=1), in_memory=in_memory)
    assert "rose 5 percent" in before
    (after,) = seen(home, late, in_memory=in_memory)
    assert "rose 0.5 percent" in after
    assert check_documents(home) == ()


def test_a_text_corrected_without_a_word_is_known_from_when_it_was_fetched(home):
    bring(home, NEWS, now=START + DAY)
    (changed,) = bring(home, replace(NEWS, title="Anvils up a little"), now=START + 3 * DAY)
    record = Registry(home).record(changed.document)
    assert record.described.known_at == START + 3 * DAY
    assert "fetched" in record.described.known_from


def test_a_moment_of_the_source_in_the_future_is_the_moment_of_fetching(home):
    (outcome,) = bring(home, replace(NEWS, known_at=START + 99 * DAY), now=START + DAY)
    assert Registry(home).record(outcome.document).described.known_at == START + DAY


def test_a_text_that_goes_back_to_what_it_was_is_a_third_version(home):
    bring(home, NEWS)
    bring(home, replace(NEWS, text="Other.", known_at=START + DAY))
    (third,) = bring(home, replace(NEWS, known_at=START + 2 * DAY))
    assert third.document.endswith("-3")
    assert ["5 percent" in text for text in seen(home, START + 3 * DAY)] == [True]
    assert len(seen(home, START + DAY)) == 1


TEXTS = st.lists(st.sampled_from(["one anvil", "two anvil", "three anvil"]), min_size=1, max_size=6)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(texts=TEXTS)
def test_at_every_moment_exactly_one_version_is_seen(tmp_path_factory, texts):
    home = tmp_path_factory.mktemp("versions")
    for number, text in enumerate(texts):
        at = START + number * DAY
        bring(home, replace(NEWS, text=text, known_at=at), now=at)
    rows: list[Row] = document_rows(home)
    for number, text in enumerate(texts):
        for moment in (START + number * DAY, START + (number + 0.5) * DAY):
            there = [row for row in rows if Scope(as_of=moment).allows(row)]
            assert len(there) == 1
            assert text in there[0].text


@pytest.mark.parametrize("in_memory", [True, False])
def test_a_text_that_its_source_takes_back_is_seen_as_of_before_and_not_since(home, in_memory):
    bring(home, NEWS)
    gone = START + 3 * DAY
    source = (NEWS.source, NEWS.key)
    assert standing(home, [source, ("rss", "never")]) == [source]
    (outcome,) = take_in(home, [], now=gone, embedder=WordHashes(), withdrawn=[source])
    assert (outcome.status, outcome.path) == ("withdrawn", "Anvils up")
    assert len(seen(home, gone - timedelta(microseconds=1), in_memory=in_memory)) == 1
    assert seen(home, gone, in_memory=in_memory) == []
    record = Registry(home).record(outcome.document)
    assert (record.withdrawn, record.known_until) == (True, gone.isoformat())
    assert check_documents(home) == ()
    assert standing(home, [source]) == []
    again = take_in(home, [], now=gone + DAY, embedder=WordHashes(), withdrawn=[source])
    assert again == []


def test_a_text_that_was_taken_back_and_comes_again_is_seen_from_then_on(home):
    bring(home, NEWS)
    source, back = (NEWS.source, NEWS.key), START + 5 * DAY
    take_in(home, [], now=START + 3 * DAY, embedder=WordHashes(), withdrawn=[source])
    (outcome,) = bring(home, NEWS, now=back)
    assert outcome.status == "added"
    assert outcome.document.endswith("-2")
    assert seen(home, START + 4 * DAY) == []
    assert len(seen(home, back)) == 1


def test_what_is_taken_back_and_was_never_here_is_nothing(home):
    bring(home, NEWS)
    never = [("rss:news.example", "other"), ("x", "k1")]
    assert take_in(home, [], now=START + DAY, embedder=WordHashes(), withdrawn=never) == []
    assert len(seen(home, START + 2 * DAY)) == 1


def test_two_sources_may_use_the_same_key(home):
    bring(home, NEWS, replace(NEWS, source="reddit", text="Something else."))
    assert len(Registry(home).records()) == 2


def test_what_a_killed_run_left_is_finished_by_the_next(home, monkeypatch):
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rag_index.arriving.put_record", killed)
    with pytest.raises(KeyboardInterrupt):
        bring(home, NEWS)
    monkeypatch.undo()
    assert document_rows(home) == []
    bring(home)
    assert len(seen(home, START + DAY)) == 1


def test_building_the_index_again_keeps_versions_and_their_moments(home):
    bring(home, NEWS)
    bring(home, replace(NEWS, text="Corrected anvil.", known_at=START + DAY))
    before = {row.id: row for row in document_rows(home)}
    assert index_again(home, WordHashes()) == 2
    assert {row.id: row for row in document_rows(home)} == before


def test_a_document_of_a_feed_can_be_removed_like_any_other(home):
    (outcome,) = bring(home, NEWS)
    assert remove_documents(home, [outcome.document]) == ([outcome.document], [])
    assert document_rows(home) == []


def test_tables_and_parts_of_a_filing_are_marked(home):
    text = "Item 7. Discussion\n\nYear | Revenue\n2025 | 62.8\n\nWords after it."
    found = canonical_of(replace(NEWS, text=text))
    assert [mark.kind for mark in found.marks] == ["heading", "heading", "table"]
    assert found.text.endswith("Year | Revenue\n2025 | 62.8\n\nWords after it.")


@given(st.text(max_size=60), st.text(max_size=60))
def test_an_id_is_a_plain_name_whatever_a_source_calls_itself(source, key):
    name = document_id(source, key)
    assert name == document_id(source, key)
    assert name.isascii()
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_news_that_knows_only_the_symbol_is_found_beside_the_filings_of_the_company(home):
    filing = replace(NEWS, source="edgar", company="Amalgamated Anvils Inc", text="The filing.")
    bring(home, NEWS, filing, replace(NEWS, key="k2", company="OTHR", ticker="OTHR"))
    index = Collection(documents_folder(home), WordHashes.model_id)
    scope = Scope(as_of=START + DAY)
    for question in ("What of Amalgamated Anvils?", "What of ACME?"):
        (vector,) = WordHashes().embed([question])
        found = index.ask(lambda s, q=question, v=vector: rank_documents(s, q, v, scope))
        companies = {one.hit.row.company for one in found}
        assert companies == {"Amalgamated Anvils Inc", "ACME"}
