"""Searches the rows in a collection of a Weaviate server, as a manifest publishes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np

from rag_index.manifest import Manifest
from rag_index.rows import Facets, Hit, Row, Scope, Vector
from rag_index.weaviate_rows import asked_for, row_of_properties
from rag_index.weaviate_server import WeaviateServer
from rag_index.words import plain_years

PAGE = 500


class WeaviateStore:
    """What one manifest publishes; later changes on the server don't show."""

    def __init__(self, server: WeaviateServer, now: Manifest) -> None:
        """Read the collection that the manifest names; asks the server nothing yet."""
        self._server, self._now = server, now

    def near(self, vector: Vector, scope: Scope, limit: int) -> list[Hit]:
        """Give the rows whose vectors are nearest, by Weaviate's own graph."""
        near = vector.tolist()
        return self._hits(
            lambda query, rest: query.near_vector(near_vector=near, **rest), vector, scope, limit
        )

    def matching(self, words: str, vector: Vector, scope: Scope, limit: int) -> list[Hit]:
        """Give the rows that hold any of the words, by Weaviate's own BM25."""
        plain = plain_years(words)
        return self._hits(
            lambda query, rest: query.bm25(plain, query_properties=["words"], **rest),
            vector,
            scope,
            limit,
        )

    def facets(self) -> Facets:
        """Give the companies and tickers, as the manifest holds them."""
        pairs = tuple(sorted((company, ticker) for company, ticker, _ in self._now.companies))
        latest = datetime.fromisoformat(self._now.latest) if self._now.latest else None
        return Facets(pairs, latest)

    def rows(self) -> list[Row]:
        """Give every row that is published, in no order."""
        names = ["row", "put", "since"]
        with self._server.collection(self._now.table) as held:
            return [
                row_of_properties(one.properties)
                for one in held.iterator(return_properties=names, cache_size=PAGE)
                if one.properties["since"] <= self._now.generation
                and one.properties["put"] not in self._now.hidden
            ]

    def _hits(
        self, ask: Callable[[Any, dict[str, Any]], Any], vector: Vector, scope: Scope, limit: int
    ) -> list[Hit]:
        from weaviate.classes.query import MetadataQuery

        rest = {
            "limit": limit,
            "filters": asked_for(scope, self._now),
            "include_vector": True,
            "return_properties": ["row"],
            "return_metadata": MetadataQuery(score=True),
        }
        with self._server.collection(self._now.table) as held:
            found = ask(held.query, rest)
        return [
            Hit(
                row,
                float(np.dot(np.asarray(one.vector["default"], np.float32), vector)),
                float(one.metadata.score or 0.0),
            )
            for one in found.objects
            # The server doesn't know whether a text was corrected by then.
            if scope.allows(row := row_of_properties(one.properties))
        ]
