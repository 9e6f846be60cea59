"""The index as it was at each moment: what became known later weighs nothing, not even on a rank.

The plain index leaves later passages out of its answers, but how rare a word is and which names
there are it takes from all of them. On the past that is a trace of the future, and it is gone here.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from rag_index.collection import Collection
from rag_index.embed import Encoder, question_vector
from rag_index.errors import IndexMissing
from rag_index.passage import Passage
from rag_index.rows import Facets, Row, Store
from rag_index.search import KnowledgeIndex
from rag_index.snapshot import MemoryStore
from rag_index.words import K1, B, Words

Answer = TypeVar("Answer")


class KnownIndex(KnowledgeIndex):
    """A copy in memory of what is published now, for one run over the past.

    ``exact`` is False where a collection is too large for memory or lies in a server: there later
    passages are left out as everywhere, and still count for the ranks of the others.
    """

    def __init__(self, index: KnowledgeIndex) -> None:
        """Take over an index's passages; what is written to it afterwards is not seen."""
        self._index = index
        self._remembered = _Remembered(index._embedder)
        articles: Store = index._articles.ask(lambda store: store)
        found: list[Store | None] = [articles]
        try:
            found.append(index._opened_documents().ask(lambda store: store))
        except IndexMissing:
            found.append(None)
        self.exact = all(one is None or isinstance(one, MemoryStore) for one in found)
        self._stores = [_Growing(one) if isinstance(one, MemoryStore) else one for one in found]
        self._opened: tuple[datetime, KnowledgeIndex] | None = None

    def warm(self) -> None:
        """Load the model now."""
        self._index.warm()

    def search(self, query: str, *, as_of: datetime, **rest: Any) -> tuple[Passage, ...]:
        """As ``KnowledgeIndex.search``, in what was known at ``as_of`` (aware)."""
        if self._opened is None or self._opened[0] != as_of:
            self._opened = as_of, self._until(as_of)
        return self._opened[1].search(query, as_of=as_of, **rest)

    def resolve(self, passage: Passage) -> str:
        """As ``KnowledgeIndex.resolve``."""
        return self._index.resolve(passage)

    def fingerprint(self, until: datetime) -> str:
        """SHA-256 over the model and every passage that was known at ``until`` (aware).

        Of a collection that isn't ``exact``, over the names in it and the moment of its newest.
        """
        digest = hashlib.sha256(f"{self._remembered.model_id}\n{self.exact}\n".encode())
        for one in self._stores:
            if one is not None and not isinstance(one, _Growing):
                digest.update(repr(one.facets()).encode())
                continue
            for row in one.rows(until) if one is not None else ():
                later = row.known_until if row.known_until and row.known_until <= until else None
                told = (row.id, row.sha256, row.known_at, later, row.title, row.source)
                digest.update(repr(told).encode())
        return digest.hexdigest()

    def _until(self, as_of: datetime) -> KnowledgeIndex:
        one, other = (s.until(as_of) if isinstance(s, _Growing) else s for s in self._stores)
        index = self._index
        found = KnowledgeIndex(
            index._folder,
            _published(one),
            self._remembered,
            reranker=index._reranker,
            document_text=index._document_text,
            server=index._server,
        )
        found._documents = _published(other)
        return found


class _Published:
    """Stands where a collection does, over a store that stays as it is."""

    def __init__(self, store: Store | None) -> None:
        self._store = store

    def ask(self, question: Callable[[Store], Answer]) -> Answer:
        if self._store is None:
            raise IndexMissing("there were no documents")
        return question(self._store)


def _published(store: Store | None) -> Collection:
    return cast("Collection", _Published(store))


class _Remembered:
    """An encoder that knows the questions it was asked before: a run asks the same each day."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self.model_id, self.dimensions = encoder.model_id, encoder.dimensions

    def count(self, text: str) -> int:
        return self._encoder.count(text)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._encoder.embed(texts)

    def embed_question(self, text: str) -> NDArray[np.float32]:
        found = self._vectors.get(text)
        if found is None:
            found = self._vectors[text] = question_vector(self._encoder, text)
        return found


class _Growing:
    """A store's rows in the order in which they became known."""

    def __init__(self, store: MemoryStore) -> None:
        rows = store.rows()
        order = sorted(range(len(rows)), key=lambda place: rows[place].known_at)
        self._rows = [rows[place] for place in order]
        self._vectors = store._vectors[order]
        self._known = [row.known_at for row in self._rows]
        self._words = _GrowingWords(store._words, order)
        self._last: tuple[int, MemoryStore] | None = None

    def rows(self, moment: datetime) -> list[Row]:
        return self._rows[: bisect_right(self._known, moment)]

    def until(self, moment: datetime) -> MemoryStore:
        rows = self.rows(moment)
        if self._last is None or self._last[0] != len(rows):
            cut = _Cut(rows, self._vectors[: len(rows)], self._words)
            self._last = len(rows), cut
        return self._last[1]


class _GrowingWords(Words):
    """The words of all rows in another order, and how long each row is."""

    def __init__(self, words: Words, order: Sequence[int]) -> None:
        rank = {place: number for number, place in enumerate(order)}
        self._size = len(order)
        self._places = {
            word: sorted((rank[place], times) for place, times in places)
            for word, places in words._places.items()
        }
        self.lengths = np.zeros(len(order))
        for places in self._places.values():
            for number, times in places:
                self.lengths[number] += times

    def until(self, size: int) -> Words:
        return _CutWords(self, size)

    def places(self, word: str, size: int) -> list[tuple[int, int]]:
        found = self._places.get(word, [])
        return found[: bisect_left(found, (size, 0))]


class _CutWords(Words):
    """The words of the first rows alone: rarity and length are theirs."""

    def __init__(self, whole: _GrowingWords, size: int) -> None:
        lengths = whole.lengths[:size]
        self._size = size
        self._places = cast("Any", _Places(whole, size))
        self._norm = K1 * (1 - B + B * lengths / max(1.0, float(lengths.mean() if size else 0)))


class _Places:
    """Where a word stands in the first rows."""

    def __init__(self, whole: _GrowingWords, size: int) -> None:
        self._whole, self._size = whole, size

    def get(self, word: str, default: object = ()) -> list[tuple[int, int]]:
        return self._whole.places(word, self._size)


class _Cut(MemoryStore):
    """The first rows of a growing store."""

    def __init__(
        self, rows: Sequence[Row], vectors: NDArray[np.float32], words: _GrowingWords
    ) -> None:
        self._rows, self._vectors = rows, vectors
        self._words = words.until(len(rows))
        pairs = sorted({(row.company, row.ticker) for row in rows if row.company})
        self._facets = Facets(tuple(pairs), max((row.known_at for row in rows), default=None))
