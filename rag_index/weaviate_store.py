"""Keeps rows in a Weaviate server: found by meaning and by words there, as in a table here.

Needs weaviate-client (the extra `weaviate`) and a server from 1.27 with REST and gRPC.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from rag_index.errors import KnowledgeIndexError
from rag_index.rows import Facets, Hit, Row, Scope, Vector, row_from
from rag_index.words import plain_years

NAME = "TollgatePassages"
GRPC_PORT = 50_051
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TEXTS = ("document", "kind", "company", "ticker", "document_kind", "put")
_NUMBERS = ("fiscal_year", "known_us")


class WeaviateGone(KnowledgeIndexError):
    """The server does not answer; the message says where it was looked for."""


class WeaviateStore:
    """A collection in a Weaviate server; `connect` opens one, `close` ends it."""

    def __init__(self, client: Any, url: str, name: str = NAME) -> None:
        """Use `connect` instead."""
        self._client, self._url, self._name = client, url, name
        self._facets: Facets | None = None

    @classmethod
    def connect(cls, url: str, *, grpc_port: int = GRPC_PORT, name: str = NAME) -> WeaviateStore:
        """Connect to the server at `url` and make the collection if it has none.

        Raises WeaviateGone if it does not answer, KnowledgeIndexError without weaviate-client.
        """
        try:
            import weaviate
            from weaviate.classes.init import AdditionalConfig, Timeout
        except ImportError as error:
            raise KnowledgeIndexError(
                "WEAVIATE_URL is set and weaviate-client is not installed: "
                "run `pip install 'tollgate[weaviate]'`, or unset it"
            ) from error
        parts = urlsplit(url if "//" in url else f"http://{url}")
        secure = parts.scheme == "https"
        host = parts.hostname or "localhost"
        with _answering(url):
            client = weaviate.connect_to_custom(
                http_host=host,
                http_port=parts.port or (443 if secure else 8080),
                http_secure=secure,
                grpc_host=host,
                grpc_port=grpc_port,
                grpc_secure=secure,
                additional_config=AdditionalConfig(timeout=Timeout(init=5, query=20, insert=90)),
            )
            if not client.collections.exists(name):
                _create(client, name)
        return cls(client, url, name)

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def put(self, document: str, rows: Sequence[Row], vectors: Vector) -> int:
        """Put a document's rows in the place of those it had; give how many these were.

        The new ones are there before the old ones go, so that nothing is lost if either fails.
        """
        from weaviate.classes.data import DataObject
        from weaviate.classes.query import Filter

        stamp = uuid.uuid4().hex
        objects = [
            DataObject(properties=_properties(row, stamp), vector=vector.tolist())
            for row, vector in zip(rows, vectors, strict=True)
        ]
        with _answering(self._url):
            if objects:
                done = self._held.data.insert_many(objects)
                if done.has_errors:
                    said = next(iter(done.errors.values())).message
                    raise KnowledgeIndexError(f"Weaviate at {self._url} refused a passage: {said}")
            former = Filter.by_property("document").equal(document)
            former &= Filter.by_property("put").not_equal(stamp)
            gone = self._held.data.delete_many(where=former)
        self._facets = None
        return int(gone.matches)

    def remove(self, document: str) -> int:
        """Take a document out; give how many rows it had."""
        return self.put(document, (), np.zeros((0, 1), np.float32))

    def near(self, vector: Vector, scope: Scope, limit: int) -> list[Hit]:
        """Give the rows whose vectors are nearest."""
        return self._hits(
            lambda **rest: self._held.query.near_vector(near_vector=vector.tolist(), **rest),
            vector,
            scope,
            limit,
        )

    def matching(self, words: str, vector: Vector, scope: Scope, limit: int) -> list[Hit]:
        """Give the rows that hold any of the words, by Weaviate's own BM25."""
        plain = plain_years(words)
        return self._hits(
            lambda **rest: self._held.query.bm25(plain, query_properties=["words"], **rest),
            vector,
            scope,
            limit,
        )

    def facets(self) -> Facets:
        """Give the companies and tickers in the collection, read once after each change."""
        if self._facets is None:
            rows = self.rows()
            pairs = sorted({(row.company, row.ticker) for row in rows if row.company})
            latest = max((row.known_at for row in rows), default=None)
            self._facets = Facets(tuple(pairs), latest)
        return self._facets

    def rows(self) -> list[Row]:
        """Give every row, in no order."""
        with _answering(self._url):
            found = self._held.iterator(return_properties=["row"])
            return [_row(one.properties) for one in found]

    @property
    def _held(self) -> Any:
        # The client would try a dead server again for a minute before it says so.
        if not self._client.is_live():
            raise ConnectionError("no answer")
        return self._client.collections.get(self._name)

    def _hits(self, ask: Callable[..., Any], vector: Vector, scope: Scope, limit: int) -> list[Hit]:
        from weaviate.classes.query import MetadataQuery

        with _answering(self._url):
            found = ask(
                limit=limit,
                filters=_filters(scope),
                include_vector=True,
                return_properties=["row"],
                return_metadata=MetadataQuery(score=True),
            )
        return [
            Hit(
                _row(one.properties),
                float(np.dot(np.asarray(one.vector["default"], np.float32), vector)),
                float(one.metadata.score or 0.0),
            )
            for one in found.objects
        ]


@contextmanager
def _answering(url: str) -> Iterator[None]:
    """Turn the client's errors into a sentence."""
    from weaviate.exceptions import WeaviateBaseError

    try:
        yield
    except (WeaviateBaseError, OSError, ValueError) as error:
        line = (str(error).splitlines() or [type(error).__name__])[0][:160]
        raise WeaviateGone(
            f"Weaviate at {url} does not answer as it should ({line}): "
            "start it, or unset WEAVIATE_URL to use the index on this machine"
        ) from error


def _create(client: Any, name: str) -> None:
    from weaviate.classes.config import Configure, DataType, Property, Tokenization, VectorDistances

    whole = [
        Property(name=n, data_type=DataType.TEXT, tokenization=Tokenization.FIELD) for n in _TEXTS
    ]
    numbers = [Property(name=n, data_type=DataType.INT) for n in _NUMBERS]
    words = Property(name="words", data_type=DataType.TEXT)
    row = Property(
        name="row", data_type=DataType.TEXT, index_searchable=False, index_filterable=False
    )
    client.collections.create(
        name,
        properties=[*whole, *numbers, words, row],
        vector_config=Configure.Vectors.self_provided(
            vector_index_config=Configure.VectorIndex.hnsw(
                distance_metric=VectorDistances.DOT, ef=300, ef_construction=200, max_connections=16
            )
        ),
    )


def _properties(row: Row, stamp: str) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in _TEXTS if name != "put"},
        "put": stamp,
        "fiscal_year": row.fiscal_year,
        "known_us": _micros(row.known_at),
        "words": plain_years(row.indexed),
        "row": json.dumps(row.plain(), ensure_ascii=False),
    }


def _filters(scope: Scope) -> Any:
    from weaviate.classes.query import Filter

    asked = Filter.by_property("known_us").less_or_equal(_micros(scope.as_of))
    for name in ("kind", "ticker", "document_kind"):
        value = getattr(scope, name)
        if value is not None:
            asked &= Filter.by_property(name).equal(value)
    if scope.companies:
        asked &= Filter.by_property("company").contains_any(list(scope.companies))
    if scope.fiscal_years:
        asked &= Filter.by_property("fiscal_year").contains_any(list(scope.fiscal_years))
    return asked


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _row(properties: dict[str, Any]) -> Row:
    return row_from(json.loads(properties["row"]))
