"""A person's documents are put in and taken out whole, by any number of processes."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from pathlib import Path

import pytest

from rag_index import snapshot, tables, updates
from rag_index.collection import Collection
from rag_index.errors import IndexBusy, IndexCorrupt, IndexMissing, KnowledgeIndexError
from rag_index.manifest import read_manifest
from rag_index.rows import Scope
from rag_index.updates import (
    clear_documents,
    document_rows,
    documents_folder,
    put_document,
    remove_document,
    writer,
)
from tests.rag_index.made import LONG_AGO, WordEncoder, rows_of

ENCODER = WordEncoder()


def texts(folder: Path) -> list[str]:
    return sorted(row.text for row in document_rows(folder))


def test_putting_again_replaces_and_embeds_only_what_is_new(tmp_path: Path) -> None:
    first = put_document(tmp_path, "report", rows_of(["one", "two"]), ENCODER)
    second = put_document(tmp_path, "report", rows_of(["one", "three"]), ENCODER)
    assert (first.embedded, first.reused, first.removed) == (2, 0, 0)
    assert (second.embedded, second.reused, second.removed) == (1, 1, 2)
    assert texts(tmp_path) == ["one", "three"]


def test_removing_takes_one_document_and_no_other(tmp_path: Path) -> None:
    put_document(tmp_path, "a'b", rows_of(["one", "two"], "a'b"), ENCODER)
    put_document(tmp_path, "other", rows_of(["three"], "other"), ENCODER)
    assert remove_document(tmp_path, "a'b") == 2
    assert remove_document(tmp_path, "a'b") == 0
    assert texts(tmp_path) == ["three"]


def test_without_documents_there_is_nothing_to_remove_or_list(tmp_path: Path) -> None:
    assert remove_document(tmp_path, "report") == 0
    assert document_rows(tmp_path) == []
    assert put_document(tmp_path, "report", [], ENCODER).chunks == 0


def test_rows_of_another_document_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must belong"):
        put_document(tmp_path, "report", rows_of(["one"], "other"), ENCODER)


@pytest.mark.parametrize("part", ["delete", "add", "manifest"])
def test_a_writer_killed_at_any_point_leaves_the_former_whole(tmp_path: Path, part: str) -> None:
    put_document(tmp_path, "report", rows_of(["one", "two"]), ENCODER)
    program = (
        "import os, sys; from pathlib import Path\n"
        "from rag_index import tables, updates\n"
        "from tests.rag_index.made import WordEncoder, rows_of\n"
        "class Killed:\n"
        "    def __init__(self, table): self.table = table\n"
        "    def __getattr__(self, name):\n"
        "        if name == sys.argv[2]: os._exit(9)\n"
        "        return getattr(self.table, name)\n"
        "opened = tables.open_at\n"
        "tables.open_at = lambda *a: Killed(opened(*a))\n"
        "if sys.argv[2] == 'manifest': updates.write_manifest = lambda *a: os._exit(9)\n"
        "updates.put_document(Path(sys.argv[1]), 'report', rows_of(['three']), WordEncoder())\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path), part]
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run(command, check=False, cwd=root).returncode == 9
    assert texts(tmp_path) == ["one", "two"]
    put_document(tmp_path, "next", rows_of(["four"], "next"), ENCODER)
    assert texts(tmp_path) == ["four", "one", "two"]


def _put_some(folder: Path, name: str) -> None:
    for number in range(5):
        document = f"{name}{number % 2}"
        put_document(folder, document, rows_of([f"{name} {number}", "same"], document), ENCODER)


def test_several_processes_write_and_nothing_is_lost_while_a_reader_sees_whole_documents(
    tmp_path: Path,
) -> None:
    put_document(tmp_path, "first", rows_of(["x", "same"], "first"), ENCODER)
    opened = Collection(documents_folder(tmp_path), ENCODER.model_id)
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_put_some, args=(tmp_path, name)) for name in "ab"]
    for process in writers:
        process.start()
    while any(process.is_alive() for process in writers):
        seen = opened.ask(lambda store: [row.document for row in store.rows()])
        assert all(seen.count(document) == 2 for document in seen)
    assert [process.exitcode for process in writers] == [0, 0]
    assert texts(tmp_path) == ["a 3", "a 4", "b 3", "b 4", *["same"] * 5, "x"]


def test_many_small_updates_are_compacted_and_the_snapshot_equals_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(updates, "PENDING", 3)
    with writer(tmp_path, ENCODER) as opened:
        for number in range(10):
            opened.put(f"d{number}", rows_of([f"text {number}"], f"d{number}"))
    home = documents_folder(tmp_path)
    now = read_manifest(home)
    assert now.pending < 6
    in_memory = Collection(home, ENCODER.model_id).ask(lambda store: store.rows())
    assert sorted(in_memory, key=lambda row: row.id) == sorted(
        document_rows(tmp_path), key=lambda row: row.id
    )
    assert len(list(home.glob("chunks_*.npz"))) == 1


def test_a_large_table_is_searched_through_a_graph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 300)
    monkeypatch.setattr(snapshot, "MOST_ROWS", 300)
    rows = rows_of([f"text number {number}" for number in range(400)])
    put_document(tmp_path, "report", rows, ENCODER)
    home = documents_folder(tmp_path)
    now = read_manifest(home)
    assert now.snapshot_sha256 is None
    table = tables.open_at(home, now.table, now.version)
    assert "IvfHnswSq" in {str(index.index_type) for index in table.list_indices()}
    found = Collection(home, ENCODER.model_id).ask(lambda store: store.facets())
    assert found.latest == rows[0].known_at


def test_many_small_updates_of_a_large_table_leave_few_graphs_and_lose_no_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 300)
    monkeypatch.setattr(snapshot, "MOST_ROWS", 300)
    monkeypatch.setattr(tables, "MOST_GRAPHS", 2)
    monkeypatch.setattr(tables, "SMALL", 20)
    monkeypatch.setattr(updates, "PENDING", 1)
    many = {f"d{d}": rows_of([f"text {d} {n}" for n in range(20)], f"d{d}") for d in range(20)}
    joined: list[int] = []
    whole = tables._graph
    monkeypatch.setattr(tables, "_graph", lambda: joined.append(1) or whole())
    with writer(tmp_path, ENCODER) as opened:
        opened.put_all(many)
    for number in range(12):
        put_document(
            tmp_path, f"d{number}", rows_of([f"fresh {number}"] * 3, f"d{number}"), ENCODER
        )
    now = read_manifest(documents_folder(tmp_path))
    table = tables.open_at(documents_folder(tmp_path), now.table, now.version)
    assert table.index_stats("vector_idx").num_indices <= 4
    assert len(joined) < 4
    kept = [f"text {d} {n}" for d in range(12, 20) for n in range(20)]
    fresh = [f"fresh {number}" for number in range(12) for _ in range(3)]
    assert texts(tmp_path) == sorted(kept + fresh)
    opened = Collection(documents_folder(tmp_path), ENCODER.model_id)
    sought = ENCODER.embed([rows_of(["fresh 3"], "d3")[0].indexed])[0]
    (hit,) = opened.ask(lambda store: store.near(sought, Scope(LONG_AGO), 1))
    assert hit.row.text == "fresh 3"


def test_another_model_is_a_sentence_and_clearing_makes_room(tmp_path: Path) -> None:
    put_document(tmp_path, "report", rows_of(["one"]), ENCODER)
    other = WordEncoder()
    other.model_id = "other words"
    with pytest.raises(IndexCorrupt, match="the model in use"):
        put_document(tmp_path, "report", rows_of(["two"]), other)
    clear_documents(tmp_path)
    with pytest.raises(IndexMissing):
        read_manifest(documents_folder(tmp_path))
    put_document(tmp_path, "report", rows_of(["two"]), other)
    assert texts(tmp_path) == ["two"]


def test_only_one_process_writes_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from filelock import FileLock

    monkeypatch.setattr(updates, "LOCK_WAIT_S", 0.05)
    documents_folder(tmp_path).mkdir()
    lock = FileLock(documents_folder(tmp_path) / "write.lock")
    with lock, pytest.raises(IndexBusy, match="another process"):
        put_document(tmp_path, "report", rows_of(["one"]), ENCODER)


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    documents_folder(tmp_path).write_text("not a folder")
    with pytest.raises(KnowledgeIndexError, match="can't be written"):
        put_document(tmp_path, "report", rows_of(["one"]), ENCODER)
