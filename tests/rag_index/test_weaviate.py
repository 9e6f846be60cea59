"""Rows in a Weaviate server: whole documents only, nothing lost, a sentence when it goes away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rag_index.adding import add_documents
from rag_index.collection import Collection
from rag_index.documents.description import Given
from rag_index.documents.registry import Registry
from rag_index.errors import IndexCorrupt, KnowledgeIndexError, OtherModel, ServerGone
from rag_index.manifest import read_manifest
from rag_index.reindexing import index_again
from rag_index.rows import Scope
from rag_index.updates import document_rows, documents_home, writer
from rag_index.weaviate_backend import WeaviateBackend
from rag_index.weaviate_server import WeaviateServer, address_of
from rag_index.weaviate_writer import BATCH, insert
from tests.rag_index.made import WordEncoder, rows_of
from tests.rag_index.weaviate_double import Weaviate

NOW = datetime(2030, 1, 1, tzinfo=UTC)
ENCODER = WordEncoder()


@pytest.fixture
def double() -> Iterator[Weaviate]:
    double = Weaviate()
    yield double
    double.stop()


@pytest.fixture
def backend(double: Weaviate) -> Iterator[WeaviateBackend]:
    server = WeaviateServer(double.url, grpc_url=double.grpc_url)
    yield WeaviateBackend(server)
    server.close()


def put(folder: Path, backend: WeaviateBackend, document: str, *texts: str) -> None:
    with writer(folder, ENCODER, backend) as opened:
        opened.put(document, rows_of(texts, document))


def opened(folder: Path, backend: WeaviateBackend) -> Collection:
    return Collection(documents_home(folder, backend), ENCODER.model_id, server=backend)


def found(collection: Collection, words: str = "one two three four") -> list[str]:
    (vector,) = ENCODER.embed([words])
    hits = collection.ask(lambda store: store.near(vector, Scope(NOW), 50))
    return sorted(hit.row.text for hit in hits)


def test_a_document_put_again_replaces_itself(tmp_path, backend, double):
    put(tmp_path, backend, "a", "one", "two")
    put(tmp_path, backend, "b", "four")
    put(tmp_path, backend, "a", "three")
    assert found(opened(tmp_path, backend)) == ["four", "three"]
    assert double.rows() == 2
    assert read_manifest(documents_home(tmp_path, backend)).chunks == 2


def test_a_document_taken_out_leaves_nothing(tmp_path, backend, double):
    put(tmp_path, backend, "a", "one", "two")
    with writer(tmp_path, None, backend) as opened_writer:
        assert opened_writer.remove("a") == 2
        assert opened_writer.remove("a") == 0
    assert (double.rows(), document_rows(tmp_path, backend)) == (0, [])


def test_a_company_is_named_as_long_as_one_of_its_documents_is_there(tmp_path, backend):
    with writer(tmp_path, ENCODER, backend) as opened_writer:
        for name in ("a", "b"):
            opened_writer.put(name, rows_of(["one"], name, company="Acme", ticker="ACM"))
        pairs = (("Acme", "ACM"),)
        for name, left in (("a", pairs), ("b", ())):
            opened_writer.remove(name)
            facets = opened(tmp_path, backend).ask(lambda store: store.facets())
            assert facets.companies == left


def test_many_rows_travel_in_batches(tmp_path, backend, double):
    put(tmp_path, backend, "a", *(f"word{number}" for number in range(2 * BATCH + 1)))
    assert double.batches == [BATCH, BATCH, 1]
    assert len(document_rows(tmp_path, backend)) == 2 * BATCH + 1


def test_rows_that_are_sent_twice_are_there_once(tmp_path, backend, double):
    rows = rows_of(["one", "two"])
    vectors = ENCODER.embed(["one", "two"])
    backend.server.create("Twice", "a test")
    for _ in range(2):
        insert(backend.server, "Twice", 1, rows, vectors)
    assert double.rows() == 2


def test_the_time_and_the_company_are_asked_of_the_server(tmp_path, backend, double):
    put(tmp_path, backend, "a", "one")
    scope = replace(Scope(NOW), companies=("Acme",), fiscal_years=(2020,))
    (vector,) = ENCODER.embed(["one"])
    opened(tmp_path, backend).ask(lambda store: store.near(vector, scope, 5))
    said = double.filters[-1]
    assert all(name in said for name in ("known_us", "company", "fiscal_year", "since"))


def test_a_server_that_goes_away_in_the_middle_leaves_the_former_document(
    tmp_path, backend, double
):
    put(tmp_path, backend, "a", "one", "two")
    reader = opened(tmp_path, backend)
    double.batches_left = 1
    with pytest.raises(ServerGone, match="nothing is lost"):
        put(tmp_path, backend, "a", *(f"three{number}" for number in range(BATCH + 5)))
    with pytest.raises(ServerGone, match="unset WEAVIATE_URL"):
        found(reader)
    double.batches_left = None
    double.start()
    assert double.rows() == BATCH + 2  # a whole batch of the new one came through
    assert found(reader) == ["one", "two"]
    assert len(document_rows(tmp_path, backend)) == 2
    put(tmp_path, backend, "a", "four")
    assert found(reader) == ["four"]
    assert double.rows() == 1


def test_an_add_that_the_server_broke_off_goes_on_with_the_next(tmp_path, backend, double):
    folder, files = tmp_path / "knowledge", []
    for name, text in (("a", "one profit"), ("b", "two losses"), ("c", "three dividends")):
        files.append(tmp_path / f"{name}.md")
        files[-1].write_text(f"# Note {name}\n\n{text} of the year.\n")

    def add(paths):
        return add_documents(folder, paths, Given(), now=NOW, embedder=ENCODER, server=backend)

    double.batches_left = 1
    with pytest.raises(ServerGone, match="knowledge add"):
        add(files)
    double.stop()
    double.batches_left = None
    double.start()
    assert len({row.document for row in document_rows(folder, backend)}) == 1
    assert sorted(Path(outcome.path).stem for outcome in add([])) == ["b", "c"]
    assert len({row.document for row in document_rows(folder, backend)}) == 3
    assert all(record.indexed for record in Registry(folder).records())
    assert not [*(Registry(folder).home / "pending").glob("*.jsonl")]


def test_rows_that_are_deleted_during_a_search_are_searched_again(tmp_path, backend, double):
    put(tmp_path, backend, "a", "one", "two")
    reader = opened(tmp_path, backend)
    asked = []

    def question(store):
        asked.append(store)
        if len(asked) == 1:
            put(tmp_path, backend, "a", "three")
        (vector,) = ENCODER.embed(["one"])
        return sorted(hit.row.text for hit in store.near(vector, Scope(NOW), 5))

    assert reader.ask(question) == ["three"]
    assert len(asked) == 2


def test_a_search_sees_the_former_document_until_the_new_one_is_whole(tmp_path, backend, double):
    put(tmp_path, backend, "a", "one", "two")
    reader = opened(tmp_path, backend)
    seen = []
    double.before_delete = lambda: seen.append(found(reader))
    put(tmp_path, backend, "a", "three", "four")
    assert seen[0] == ["one", "two"]  # before the new rows are sent
    assert seen[-1] == ["four", "three"]  # published; the former rows are still on the server
    double.before_delete = lambda: None
    assert found(reader) == ["four", "three"]


def test_two_desks_on_one_server_never_see_each_other(tmp_path, backend):
    put(tmp_path / "mine", backend, "a", "one")
    put(tmp_path / "theirs", backend, "a", "two")
    assert found(opened(tmp_path / "mine", backend)) == ["one"]
    assert found(opened(tmp_path / "theirs", backend)) == ["two"]


def test_a_server_that_lost_its_collection_says_how_to_build_it(tmp_path, backend, double):
    put(tmp_path, backend, "a", "one")
    double.schema.clear()
    double.objects.clear()
    with pytest.raises(IndexCorrupt, match="knowledge build"):
        found(opened(tmp_path, backend))


def test_rows_of_another_model_are_refused_and_a_rebuild_replaces_them(tmp_path, backend):
    class Other(WordEncoder):
        model_id = "other words"

    put(tmp_path, backend, "a", "one")
    with (
        pytest.raises(OtherModel, match="made with another model, words"),
        writer(tmp_path, Other(), backend) as opened_writer,
    ):
        opened_writer.put("b", rows_of(["two"], "b"))
    with pytest.raises(OtherModel, match="knowledge build"):
        Collection(documents_home(tmp_path, backend), "other words", server=backend)
    assert index_again(tmp_path, Other(), server=backend) == 0
    assert document_rows(tmp_path, backend) == []


def test_a_server_that_was_never_there_is_a_sentence(tmp_path):
    backend = WeaviateBackend(WeaviateServer("http://127.0.0.1:1"))
    with pytest.raises(ServerGone, match=r"http://127\.0\.0\.1:1 does not answer"):
        put(tmp_path, backend, "a", "one")


def test_a_wrong_key_is_a_sentence_that_does_not_show_it(tmp_path):
    double = Weaviate(key="right")
    try:
        right = WeaviateBackend(WeaviateServer(double.url, "right", double.grpc_url))
        put(tmp_path, right, "a", "one")
        assert found(opened(tmp_path, right)) == ["one"]
        wrong = WeaviateServer(double.url, "wr0ng", double.grpc_url)
        assert "wr0ng" not in repr(wrong)
        with pytest.raises(KnowledgeIndexError, match="WEAVIATE_API_KEY") as caught:
            put(tmp_path, WeaviateBackend(wrong), "a", "two")
        assert "wr0ng" not in str(caught.value)
        right.server.close()
    finally:
        double.stop()


@pytest.mark.parametrize(
    ("url", "grpc_url", "said"),
    [
        ("localhost", None, ("localhost", 8080, False, "localhost", 50051, False)),
        ("https://w.example", None, ("w.example", 443, True, "w.example", 50051, True)),
        (
            "https://a.weaviate.cloud",
            None,
            ("a.weaviate.cloud", 443, True, "grpc-a.weaviate.cloud", 443, True),
        ),
        (
            "http://w:80",
            "https://g.example:9",
            ("w", 80, False, "g.example", 9, True),
        ),
    ],
)
def test_an_address_says_where_both_protocols_are(url, grpc_url, said):
    at = address_of(url, grpc_url)
    assert said == (at.host, at.port, at.secure, at.grpc_host, at.grpc_port, at.grpc_secure)


@pytest.mark.parametrize("url", ["", "http://", "ftp://w", "http://w:port", "http://[::1"])
def test_an_address_that_is_none_is_a_sentence(url):
    with pytest.raises(KnowledgeIndexError, match="WEAVIATE_URL is no address"):
        address_of(url)


def test_the_manifest_stays_on_this_machine_and_holds_no_key(tmp_path, backend):
    put(tmp_path, backend, "a", "one")
    home = documents_home(tmp_path, backend)
    plain = json.loads((home / "manifest.json").read_text())
    assert plain["model"] == "words"
    assert plain["table"].startswith("Tollgate_")
