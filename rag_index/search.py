"""Answers a question with passages: by meaning and by words, as of a moment, each one citable."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from knowledge_base.articles import load_articles
from rag_index.backend import Backend
from rag_index.collection import Collection
from rag_index.embed import Embedder, Encoder, question_vector
from rag_index.errors import BUILD, IndexCorrupt, IndexMissing
from rag_index.fusion import Scored, ranked, rescored
from rag_index.passage import Passage, passage_of
from rag_index.ranking import rank_articles, rank_documents
from rag_index.rerank import Reranker
from rag_index.rows import ARTICLES, DOCUMENTS, Scope, Vector
from rag_index.updates import documents_home
from rag_index.variety import diverse

__all__ = ["KnowledgeIndex", "Passage"]

RERANKED = 30  # of the fused, how many a reranker reads
MOST_CHARACTERS = 2_000  # of a question; the embedder reads its first 256 word pieces anyway
ASIDE = 0.5  # what an article is worth beside the reports of a company that the question names

DocumentText = Callable[[str], str]


class KnowledgeIndex:
    """The articles and the person's documents; one instance may be used from several threads."""

    def __init__(
        self,
        folder: Path,
        articles: Collection,
        embedder: Encoder,
        *,
        in_memory: bool = True,
        reranker: Reranker | None = None,
        document_text: DocumentText | None = None,
        server: Backend | None = None,
    ) -> None:
        """Use `open` instead."""
        self._folder, self._articles, self._embedder = folder, articles, embedder
        self._server = server
        self._in_memory, self._reranker = in_memory, reranker
        self._document_text = document_text
        self._documents: Collection | None = None
        self._lock = threading.Lock()
        self._bodies: dict[str, str] | None = None

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        embedder: Encoder | None = None,
        in_memory: bool = True,
        reranker: Reranker | None = None,
        document_text: DocumentText | None = None,
        server: Backend | None = None,
    ) -> KnowledgeIndex:
        """Open the index in `folder`; with `in_memory` off, search the LanceDB tables themselves.

        With a `server` its rows are searched there, and it is asked at the first search.

        `document_text` gives the whole text of a document by its id, for `resolve`. What other
        processes write is seen at the next search. Raises IndexMissing if no index was built,
        IndexCorrupt if it can't be read or was built with other weights, ModelMissing if the
        weights are not installed.
        """
        embedder = embedder or Embedder(graphs=folder)
        home = folder if server is None else server.home(folder)
        articles = Collection(home, embedder.model_id, in_memory=in_memory, server=server)
        return cls(
            folder,
            articles,
            embedder,
            in_memory=in_memory,
            reranker=reranker,
            document_text=document_text,
            server=server,
        )

    def warm(self) -> None:
        """Load the model now, so that the first search does not wait for it."""
        self._embedder.embed(["warm"])

    def search(
        self,
        query: str,
        *,
        as_of: datetime,
        limit: int = 5,
        kind: str | None = None,
        collection: str | None = None,
        company: str | None = None,
        ticker: str | None = None,
        fiscal_year: int | None = None,
        document_kind: str | None = None,
    ) -> tuple[Passage, ...]:
        """Give at most `limit` passages known at `as_of`, best first, two per article at most.

        Of the documents, those of a company and year that the question names come alone if there
        are any. Nothing is given when nothing is relevant. Raises ValueError for an empty query, a
        limit below 1, an unknown collection, or an `as_of` without a time zone.
        """
        if not query.strip():
            raise ValueError("the question is empty: ask something in words")
        if as_of.tzinfo is None or as_of.utcoffset() is None:
            raise ValueError("as_of needs a time zone: give an aware datetime in UTC")
        if limit < 1:
            raise ValueError(f"limit is {limit}: ask for at least 1 passage")
        if collection not in (None, ARTICLES, DOCUMENTS):
            raise ValueError(f"there is no collection {collection!r}: articles or documents")
        question = query[:MOST_CHARACTERS]
        scope = Scope(
            as_of=as_of.astimezone(UTC),
            kind=kind,
            companies=(company,) if company else (),
            ticker=ticker,
            fiscal_years=(fiscal_year,) if fiscal_year else (),
            document_kind=document_kind,
        )
        vector = question_vector(self._embedder, question)
        found: list[Scored] = []
        if collection != ARTICLES:
            found = self._in_documents(question, vector, scope)
        if collection != DOCUMENTS:
            found += self._in_articles(question, vector, scope, found)
        ordered = ranked(found)
        if self._reranker is not None and ordered:
            some = ordered[:RERANKED]
            texts = [one.hit.row.indexed for one in some]
            ordered = rescored(some, self._reranker.scores(question, texts))
        return tuple(passage_of(one) for one in diverse(ordered, limit))

    def resolve(self, passage: Passage) -> str:
        """Read the passage's span from its article or document again.

        Raises IndexCorrupt if that is gone or says something else there by now.
        """
        text = self._body(passage)[passage.start : passage.end]
        if hashlib.sha256(text.encode("utf-8")).hexdigest() != passage.sha256:
            what = "article" if passage.collection == ARTICLES else "document"
            raise IndexCorrupt(f"the {what} '{passage.document}' has changed: {BUILD}")
        return text

    def _in_articles(
        self, question: str, vector: Vector, scope: Scope, documents: list[Scored]
    ) -> list[Scored]:
        found = self._articles.ask(lambda store: rank_articles(store, question, vector, scope))
        if documents and len({one.hit.row.company for one in documents} - {""}) == 1:
            return [replace(one, score=one.score * ASIDE) for one in found]
        return found

    def _in_documents(self, question: str, vector: Vector, scope: Scope) -> list[Scored]:
        try:
            documents = self._opened_documents()
            return documents.ask(lambda store: rank_documents(store, question, vector, scope))
        except IndexMissing:
            return []

    def _opened_documents(self) -> Collection:
        """Open the documents' index, which may appear while this one is open."""
        with self._lock:
            if self._documents is None:
                self._documents = Collection(
                    documents_home(self._folder, self._server),
                    self._embedder.model_id,
                    in_memory=self._in_memory,
                    server=self._server,
                )
            return self._documents

    def _body(self, passage: Passage) -> str:
        if passage.collection == DOCUMENTS:
            return self._document_text(passage.document) if self._document_text else ""
        with self._lock:
            if self._bodies is None:
                self._bodies = {article.slug: article.text for article in load_articles()}
            return self._bodies.get(passage.document, "")
