"""Kept documents: every version, as of any moment, by several processes, never changed."""

from __future__ import annotations

import multiprocessing
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.domain.document import Document, DocumentKind
from tools.domain.errors import InputError, StateError
from tools.market_data.documents.kept import KeptDocuments

T = datetime(2024, 2, 6, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
ONE = Document("k", "wire", DocumentKind.NEWS, "Title", "Text.", "https://a.example/", T, T,
               ("IBM",), "Author", "Company", "", 0)  # fmt: skip


@pytest.fixture
def kept(tmp_path):
    return KeptDocuments(tmp_path / "state" / "documents.db")


def test_what_was_kept_comes_back_as_it_came(kept):
    assert kept.keep([ONE], T + HOUR) == 1
    assert kept.first_versions("ibm", T) == (ONE,)
    assert kept.latest("IBM", T, 5) == (ONE,)


def test_nothing_is_seen_before_it_was_known_and_nothing_is_there_without_a_file(kept):
    assert kept.first_versions("IBM", T) == ()
    assert kept.complete("IBM") is None
    kept.keep([ONE], T + HOUR)
    assert kept.latest("IBM", T - timedelta(microseconds=1), 5) == ()


def test_the_same_again_changes_nothing_and_a_correction_is_a_further_version(kept):
    kept.keep([ONE], T)
    assert kept.keep([ONE, replace(ONE, known_at=T + HOUR)], T + HOUR) == 0
    later = replace(ONE, text="Corrected.", known_at=T + 2 * HOUR)
    assert kept.keep([later], T + 3 * HOUR) == 1
    assert kept.first_versions("IBM", T + 9 * HOUR) == (ONE,)
    assert kept.latest("IBM", T + HOUR, 5) == (ONE,)
    assert kept.latest("IBM", T + 2 * HOUR, 5) == (later,)


def test_a_correction_without_a_moment_is_known_from_when_it_was_fetched(kept):
    kept.keep([ONE], T)
    kept.keep([replace(ONE, text="Corrected.")], T + 5 * HOUR)
    assert kept.latest("IBM", T + 4 * HOUR, 5)[0].text == "Text."
    assert kept.latest("IBM", T + 5 * HOUR, 5)[0].known_at == T + 5 * HOUR


def test_nothing_is_known_later_than_it_was_fetched(kept):
    kept.keep([replace(ONE, known_at=T + timedelta(days=9))], T)
    assert kept.latest("IBM", T, 1)[0].known_at == T


def test_what_a_feed_did_not_have_when_it_answered_is_known_from_when_it_came(kept):
    kept.answered("wire", (), T - HOUR, T + HOUR)
    kept.keep([ONE], T + 3 * HOUR, "wire")
    kept.keep([replace(ONE, key="before", known_at=T - 2 * HOUR)], T + 3 * HOUR, "wire")
    kept.keep([replace(ONE, key="elsewhere")], T + 3 * HOUR, "other")
    known = {one.key: one.known_at for one in kept.first_versions("IBM", T + 9 * HOUR)}
    assert known == {"k": T + 3 * HOUR, "before": T - 2 * HOUR, "elsewhere": T}


def test_an_answer_for_one_symbol_says_nothing_of_another(kept):
    kept.answered("wire", ("MSFT",), T - HOUR, T + HOUR)
    kept.keep([ONE], T + 3 * HOUR, "wire")
    assert kept.first_versions("IBM", T)[0].known_at == T


def test_a_symbol_has_what_is_said_to_concern_it_and_what_names_it(kept):
    named = replace(ONE, key="n", symbols=(), text="Shares of IBM and BRK-B rose.")
    part = replace(ONE, key="p", symbols=(), text="IBMX and ibm rose; F too.")
    kept.keep([named, part], T)
    assert [one.key for one in kept.first_versions("IBM", T)] == ["n"]
    assert kept.first_versions("IBM", T)[0].symbols == ("IBM",)
    assert [one.key for one in kept.first_versions("BRK.B", T)] == ["n"]
    assert kept.first_versions("F", T) == ()
    kept.keep([replace(part, symbols=("F",))], T + HOUR)  # a question that named it found it again
    assert [one.key for one in kept.first_versions("F", T)] == ["p"]


def test_events_and_filings_are_no_news(kept):
    kinds = [replace(ONE, key=str(kind), kind=kind) for kind in DocumentKind]
    kept.keep(kinds, T)
    assert {one.kind for one in kept.latest("IBM", T, 9)} == {DocumentKind.NEWS, DocumentKind.POST}


def test_the_latest_come_first_and_no_more_than_asked_for(kept):
    rows = [replace(ONE, key=str(n), known_at=T + n * HOUR) for n in range(9)]
    kept.keep(rows, T + 9 * HOUR)
    assert [one.key for one in kept.latest("IBM", T + 9 * HOUR, 3)] == ["8", "7", "6"]


def test_answers_that_meet_are_one_stretch_and_a_gap_ends_it(kept):
    kept.answered("a", (), T, T + HOUR)
    kept.answered("a", (), T + 3 * HOUR, T + 5 * HOUR)
    kept.answered("b", ("IBM",), T + 4 * HOUR, T + 7 * HOUR)
    kept.answered("b", ("MSFT",), T, T + 9 * HOUR)
    whole = kept.complete("IBM")
    assert (whole.since, whole.until) == (T + 3 * HOUR, T + 7 * HOUR)
    assert whole.sources == ("a", "b")
    kept.answered("a", (), T + HOUR, T + 3 * HOUR)
    assert kept.complete("IBM").since == T


def test_the_file_itself_refuses_changes(kept, tmp_path):
    kept.keep([ONE], T)
    with sqlite3.connect(tmp_path / "state" / "documents.db") as db:
        for change in ("DELETE FROM documents", "UPDATE documents SET text = ''"):
            with pytest.raises(sqlite3.IntegrityError, match="kept documents"):
                db.execute(change)
    assert kept.first_versions("IBM", T) == (ONE,)


def test_a_file_that_is_none_is_told_and_left_alone(tmp_path):
    path = tmp_path / "documents.db"
    path.write_bytes(b"no database at all, but long enough to look at" * 50)
    before = path.read_bytes()
    for use in (lambda k: k.keep([ONE], T), lambda k: k.first_versions("IBM", T)):
        with pytest.raises(StateError, match="can't be used"):
            use(KeptDocuments(path))
    assert path.read_bytes() == before


def test_hostile_texts_and_symbols_are_texts_and_symbols(kept):
    odd = replace(ONE, key="'; DROP TABLE documents; --", title="\ud800 \x00 IBM", text="%_'\"")
    assert kept.keep([odd], T) == 1
    assert kept.keep([odd], T) == 0
    [found] = kept.latest("IBM", T, 1)
    assert (found.key, found.text) == (odd.key, odd.text)
    with pytest.raises(InputError):
        kept.first_versions("IBM' OR 1=1", T)


def _keep_many(path, name):
    store = KeptDocuments(path)
    for n in range(20):
        store.keep([replace(ONE, key=f"{name}-{n}")], T)
        store.keep([replace(ONE, key=f"both-{n}", text=f"{n}")], T)


def test_two_processes_keep_at_once_and_nothing_is_lost_or_doubled(tmp_path):
    path = tmp_path / "documents.db"
    spawn = multiprocessing.get_context("spawn")
    both = [spawn.Process(target=_keep_many, args=(path, name)) for name in ("a", "b")]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]
    found = KeptDocuments(path).first_versions("IBM", T)
    assert len(found) == len({one.key for one in found}) == 60


VERSIONS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(0, 9)), max_size=12
)


@settings(max_examples=40)
@given(VERSIONS, st.integers(0, 9))
def test_what_is_kept_later_changes_nothing_of_what_was_known_before(tmp_path_factory, rows, cut):
    store = KeptDocuments(tmp_path_factory.mktemp("kept") / "d.db")
    come = [replace(ONE, key=k, text=t, known_at=T + h * HOUR) for k, t, h in rows]
    come.sort(key=lambda one: one.known_at)
    for one in (one for one in come if one.known_at <= T + cut * HOUR):
        store.keep([one], one.known_at)
    at = T + cut * HOUR
    before = store.first_versions("IBM", at), store.latest("IBM", at, 9)
    for one in (one for one in come if one.known_at > at):
        store.keep([one], one.known_at)
    assert (store.first_versions("IBM", at), store.latest("IBM", at, 9)) == before
