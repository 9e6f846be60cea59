"""Ranks one collection for a question: both rankings joined, narrowed to what it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rag_index.fusion import QUESTION_FLOOR, RECIPES, Scored, fuse
from rag_index.question import read_question
from rag_index.rows import ARTICLES, DOCUMENTS, Scope, Store, Vector

POOL = 50  # rows that each ranking hands to the fusion


def rank_articles(store: Store, question: str, vector: Vector, scope: Scope) -> list[Scored]:
    """Rank the articles' passages; none if the question is not about their subject."""
    return _fused(store, question, vector, scope, ARTICLES, QUESTION_FLOOR)


def rank_documents(store: Store, question: str, vector: Vector, scope: Scope) -> list[Scored]:
    """Rank the documents' passages, first those of the company and year that the question names.

    Where there are none of these, those of the company; where it names none, all.
    """
    for narrowed in _narrowed(question, store, scope):
        floor = -1.0 if narrowed.companies or narrowed.ticker else QUESTION_FLOOR
        found = _fused(store, question, vector, narrowed, DOCUMENTS, floor)
        if found:
            return found
    return []


def _narrowed(question: str, store: Store, scope: Scope) -> Iterator[Scope]:
    """Give the scope narrowed to what the question names, then wider and wider."""
    asked = read_question(question, store.facets())
    companies = scope.companies or asked.companies
    if companies or scope.ticker:
        yield replace(scope, companies=companies, fiscal_years=scope.fiscal_years or asked.years)
        yield replace(scope, companies=companies)
    yield scope


def _fused(
    store: Store, question: str, vector: Vector, scope: Scope, collection: str, floor: float
) -> list[Scored]:
    near = store.near(vector, scope, POOL)
    matching = store.matching(question, vector, scope, POOL) if near else []
    return fuse(near, matching, RECIPES[collection], floor)
