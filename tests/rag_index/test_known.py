"""The index as it was: later passages are neither answered with nor counted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag_index.errors import IndexMissing
from rag_index.known import KnownIndex
from rag_index.rows import Facets
from rag_index.search import KnowledgeIndex
from rag_index.snapshot import MemoryStore
from tests.rag_index.made import LONG_AGO, WordEncoder, rows_of

ENCODER = WordEncoder()
THEN = datetime(2012, 1, 1, tzinfo=UTC)
WORDS = ("boats", "sales", "margins", "momentum", "grew", "fell", "widgets", "cash")


class Shelf:
    """A collection whose store stays."""

    def __init__(self, store) -> None:
        self.store = store

    def ask(self, question):
        if self.store is None:
            raise IndexMissing("none")
        return question(self.store)


def store_of(rows):
    return MemoryStore(rows, ENCODER.embed([row.indexed for row in rows])) if rows else None


def plain(tmp_path, articles, documents=()):
    index = KnowledgeIndex(tmp_path, Shelf(store_of(articles)), ENCODER)
    index._documents = Shelf(store_of(documents))
    return index


def rows(count, seed, known_at, name, **more):
    texts = [
        " ".join(WORDS[(seed * 7 + n * k) % len(WORDS)] for k in range(1, 6)) for n in range(count)
    ]
    return [
        row
        for n, text in enumerate(texts)
        for row in rows_of([text], f"{name}-{n}", known_at=known_at, **more)
    ]


def told(index, query="momentum of boats and widgets", at=THEN):
    return [(p.id, p.text, p.score) for p in index.search(query, as_of=at, limit=8)]


@settings(max_examples=15)
@given(st.integers(0, 50), st.integers(0, 12), st.integers(0, 12))
def test_it_answers_as_an_index_without_what_came_later(tmp_path_factory, seed, later, documents):
    folder = tmp_path_factory.mktemp("known")
    after = THEN + timedelta(days=1)
    early = rows(9, seed, LONG_AGO, "early"), rows(5, seed + 1, LONG_AGO, "doc", company="Acme")
    late = (
        rows(later, seed + 2, after, "late"),
        rows(documents, seed + 3, after, "new", company="B"),
    )
    both = [[*b[::2], *a, *b[1::2]] for a, b in zip(early, late, strict=True)]
    known = KnownIndex(plain(folder, *both))
    assert known.exact
    assert told(known) == told(plain(folder, *early))
    assert known.fingerprint(THEN) == KnownIndex(plain(folder, *early)).fingerprint(THEN)


def test_a_passage_that_became_known_is_found_from_then_on(tmp_path):
    new = rows_of(["momentum of boats and widgets"], "new", known_at=THEN)
    known = KnownIndex(plain(tmp_path, rows(6, 1, LONG_AGO, "old"), new))
    before, after = told(known, at=THEN - timedelta(seconds=1)), told(known)
    assert new[0].id not in [row[0] for row in before]
    assert new[0].id in [row[0] for row in after]
    assert told(known, at=THEN - timedelta(seconds=1)) == before
    assert known.fingerprint(THEN) != known.fingerprint(THEN - timedelta(seconds=1))


def test_a_later_correction_leaves_the_older_text_in_its_place(tmp_path):
    old = rows_of(["momentum of boats"], "news", known_at=LONG_AGO)
    corrected = [replace(row, known_until=THEN) for row in old]
    fresh = rows_of(["momentum of ships"], "news-2", known_at=THEN)
    more = rows(4, 2, LONG_AGO, "old")
    before = THEN - timedelta(days=1)
    one = KnownIndex(plain(tmp_path, more, [*fresh, *corrected]))
    other = KnownIndex(plain(tmp_path, more, old))
    assert told(one, at=before) == told(other, at=before)
    assert one.fingerprint(before) == other.fingerprint(before)


def test_a_store_outside_of_memory_is_searched_as_always_and_says_so(tmp_path):
    class Elsewhere:
        def near(self, *_):
            return []

        def facets(self):
            return Facets((("Acme", "ACM"),), THEN)

    index = KnowledgeIndex(tmp_path, Shelf(Elsewhere()), ENCODER)
    index._documents = Shelf(None)
    known = KnownIndex(index)
    assert not known.exact
    assert known.search("boats", as_of=THEN) == ()
    assert len(known.fingerprint(THEN)) == 64


def test_what_cannot_be_asked_is_refused_as_by_the_plain_index(tmp_path):
    known = KnownIndex(plain(tmp_path, rows(3, 1, LONG_AGO, "old")))
    with pytest.raises(ValueError, match="empty"):
        known.search(" ", as_of=THEN)
