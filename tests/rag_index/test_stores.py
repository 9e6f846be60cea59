"""What every store promises: in memory, in LanceDB, and in Weaviate over the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from rag_index.manifest import read_manifest
from rag_index.rows import Row, Scope, Store
from rag_index.snapshot import MemoryStore
from rag_index.store import LanceStore
from rag_index.updates import documents_folder, documents_home, writer
from rag_index.weaviate_backend import WeaviateBackend
from rag_index.weaviate_server import WeaviateServer
from tests.rag_index.made import WordEncoder, rows_of
from tests.rag_index.weaviate_double import Weaviate

NOW = datetime(2030, 1, 1, tzinfo=UTC)
LATER = datetime(2020, 6, 1, tzinfo=UTC)
ENCODER = WordEncoder()
ROWS = [
    *rows_of(
        ["sales grew in fiscal 2019", "margins fell in Europe"],
        "acme-2019",
        company="Acme Inc",
        ticker="ACM",
        fiscal_year=2019,
        document_kind="10-K",
    ),
    *rows_of(
        ["sales shrank in Asia", "cash rose"],
        "acme-2020",
        company="Acme Inc",
        ticker="ACM",
        fiscal_year=2020,
        document_kind="10-Q",
        known_at=LATER,
    ),
    *rows_of(["sales of boats grew", "it's a boat"], "o'boats", company="O'Boats plc"),
]

Filled = Callable[[list[Row]], Store]


def _in_memory(rows: list[Row], folder: Path) -> Store:
    return MemoryStore(rows, ENCODER.embed([row.indexed for row in rows]))


def _in_lancedb(rows: list[Row], folder: Path) -> Store:
    with writer(folder, ENCODER) as opened:
        for document in dict.fromkeys(row.document for row in rows):
            opened.put(document, [row for row in rows if row.document == document])
    now = read_manifest(documents_folder(folder))
    return LanceStore(documents_folder(folder), now.table, now.chunks, now.version)


@pytest.fixture(params=["memory", "LanceDB", "Weaviate"])
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Filled]:
    if request.param != "Weaviate":
        make = _in_memory if request.param == "memory" else _in_lancedb
        yield lambda rows: make(rows, tmp_path)
        return
    double = Weaviate()
    server = WeaviateServer(double.url, grpc_url=double.grpc_url)
    backend = WeaviateBackend(server)

    def fill(rows: list[Row]) -> Store:
        with writer(tmp_path, ENCODER, backend) as opened:
            for document in dict.fromkeys(row.document for row in rows):
                opened.put(document, [row for row in rows if row.document == document])
        return backend.store(read_manifest(documents_home(tmp_path, backend)))

    yield fill
    server.close()
    double.stop()


def asked(text: str) -> np.ndarray:
    return ENCODER.embed([text])[0]


def test_the_nearest_row_comes_first_with_its_cosine(filled: Filled) -> None:
    store = filled(ROWS)
    hits = store.near(asked(ROWS[3].indexed), Scope(NOW), 3)
    assert hits[0].row == ROWS[3]
    assert hits[0].cosine == pytest.approx(1, abs=1e-3)
    assert [h.cosine for h in hits] == sorted((h.cosine for h in hits), reverse=True)


def test_only_rows_with_a_word_of_the_question_match(filled: Filled) -> None:
    hits = filled(ROWS).matching("boats", asked("boats"), Scope(NOW), 10)
    assert {hit.row.document for hit in hits} == {"o'boats"}
    assert all(hit.words > 0 for hit in hits)


def test_a_fiscal_year_matches_however_it_is_written(filled: Filled) -> None:
    rows = rows_of(["sales in fiscal year 2018", "sales in FY19", "sales in 2017"])
    for text in ("FY2018", "fiscal 2018", "2018", "FY'18"):
        hits = filled(rows).matching(text, asked(text), Scope(NOW), 10)
        assert [hit.row.text for hit in hits] == ["sales in fiscal year 2018"]


@pytest.mark.parametrize(
    ("change", "documents"),
    [
        ({"as_of": LATER}, {"acme-2019", "acme-2020", "o'boats"}),
        ({"as_of": LATER - timedelta(microseconds=1)}, {"acme-2019", "o'boats"}),
        ({"companies": ("Acme Inc",)}, {"acme-2019", "acme-2020"}),
        ({"companies": ("O'Boats plc", "Nobody")}, {"o'boats"}),
        ({"fiscal_years": (2019, 2031)}, {"acme-2019"}),
        ({"ticker": "ACM", "document_kind": "10-Q"}, {"acme-2020"}),
        ({"kind": "article"}, set()),
    ],
    ids=lambda value: " ".join(sorted(value)) or "none",
)
def test_a_scope_hides_all_other_rows_from_both_rankings(
    filled: Filled, change: dict, documents: set[str]
) -> None:
    store, scope = filled(ROWS), replace(Scope(NOW), **change)
    text = "sales grew boat cash margins"
    for hits in (
        store.near(asked(text), scope, 20),
        store.matching(text, asked(text), scope, 20),
    ):
        assert {hit.row.document for hit in hits} == documents


def test_the_facets_are_the_companies_and_the_latest_moment(filled: Filled) -> None:
    facets = filled(ROWS).facets()
    assert facets.companies == (("Acme Inc", "ACM"), ("O'Boats plc", ""))
    assert facets.latest == LATER


def test_rows_come_back_as_they_went_in(filled: Filled) -> None:
    assert sorted(filled(ROWS).rows(), key=lambda r: r.id) == sorted(ROWS, key=lambda r: r.id)
