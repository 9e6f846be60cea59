"""How a row stands in a Weaviate collection, and how a scope is asked of it.

Beside what scopes ask for, each object says to which put of its document it belongs, since which
generation of the manifest it is there, and of how many rows.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from rag_index.manifest import Manifest
from rag_index.rows import Row, Scope, row_from
from rag_index.words import plain_years

TEXTS = ("document", "kind", "company", "ticker", "document_kind", "put")
NUMBERS = ("fiscal_year", "known_us", "since", "rows")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMESPACE = uuid.UUID("9d4d4b3e-6f43-4c0e-9a55-0d7a3a2b6c11")


def put_name(document: str, generation: int) -> str:
    """Name one put of a document."""
    return f"{document}@{generation}"


def object_id(row: Row, generation: int) -> uuid.UUID:
    """Give the same id for the same row of the same put: sending it twice makes one object."""
    return uuid.uuid5(_NAMESPACE, f"{row.id}@{generation}")


def properties_of(row: Row, generation: int, rows: int) -> dict[str, Any]:
    """Give the properties of a row that is one of `rows` and is seen from `generation` on."""
    return {
        **{name: getattr(row, name) for name in TEXTS if name != "put"},
        "put": put_name(row.document, generation),
        "fiscal_year": row.fiscal_year,
        "known_us": micros(row.known_at),
        "since": generation,
        "rows": rows,
        "words": plain_years(row.indexed),
        "row": json.dumps(row.plain(), ensure_ascii=False),
    }


def row_of_properties(properties: dict[str, Any]) -> Row:
    """Read the row again."""
    return row_from(json.loads(properties["row"]))


def properties_of_class() -> list[Any]:
    """Give the collection's properties: texts are compared whole, words searched one by one."""
    from weaviate.classes.config import DataType, Property, Tokenization

    texts = [
        Property(
            name=name,
            data_type=DataType.TEXT,
            tokenization=Tokenization.FIELD,
            index_searchable=False,
        )
        for name in TEXTS
    ]
    numbers = [
        Property(name=name, data_type=DataType.INT, index_range_filters=True) for name in NUMBERS
    ]
    words = Property(name="words", data_type=DataType.TEXT, index_filterable=False)
    row = Property(
        name="row", data_type=DataType.TEXT, index_searchable=False, index_filterable=False
    )
    return [*texts, *numbers, words, row]


def index_of_vectors() -> Any:
    """Give the collection's index: vectors come from here and are compared by cosine."""
    from weaviate.classes.config import Configure, VectorDistances

    return Configure.Vectors.self_provided(
        vector_index_config=Configure.VectorIndex.hnsw(
            distance_metric=VectorDistances.COSINE, ef=300, ef_construction=200, max_connections=16
        )
    )


def seen(now: Manifest) -> Any:
    """Give the filter that lets through what this manifest publishes, whole documents only."""
    from weaviate.classes.query import Filter

    asked = Filter.by_property("since").less_or_equal(now.generation)
    for put in now.hidden:
        asked &= Filter.by_property("put").not_equal(put)
    return asked


def asked_for(scope: Scope, now: Manifest) -> Any:
    """Give the filter of a question: what is published, known at the time, and in the scope."""
    from weaviate.classes.query import Filter

    asked = seen(now) & Filter.by_property("known_us").less_or_equal(micros(scope.as_of))
    for name in ("kind", "ticker", "document_kind"):
        value = getattr(scope, name)
        if value is not None:
            asked &= Filter.by_property(name).equal(value)
    if scope.companies:
        asked &= Filter.by_property("company").contains_any(list(scope.companies))
    if scope.fiscal_years:
        asked &= Filter.by_property("fiscal_year").contains_any(list(scope.fiscal_years))
    return asked


def micros(moment: datetime) -> int:
    """Give a moment in whole microseconds since 1970, which a date of Weaviate's doesn't hold."""
    return (moment - _EPOCH) // timedelta(microseconds=1)
