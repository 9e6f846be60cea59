"""Documents are added once, changed in part, found again after a kill, and gone when removed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_index.adding import Outcome, add_documents, remove_documents
from rag_index.document_check import check_documents
from rag_index.documents.description import Given
from rag_index.documents.reading import read_document
from rag_index.documents.registry import Registry
from rag_index.errors import KnowledgeIndexError
from rag_index.reindexing import index_again
from rag_index.rows import Row, Scope
from rag_index.updates import document_rows
from rag_index.watching import WatchedFolder, files_in
from tests.rag_index.documents_made import FILING, WordHashes, written

NOW = datetime(2030, 1, 1, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def add(
    home: Path, *paths: Path, said: Given | None = None, encoder: WordHashes | None = None
) -> list[Outcome]:
    return add_documents(
        home, paths, said or Given(), now=NOW, embedder=encoder or WordHashes(), read=read_document
    )


def sections(*words: str) -> str:
    return "\n\n".join(f"# Part {word}\n\n" + f"{word} " * 150 for word in words)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_every_row_of_an_added_document_resolves_to_its_text(home: Path, tmp_path: Path) -> None:
    (outcome,) = add(home, written(tmp_path, "acme-20231231.htm", FILING))
    assert (outcome.status, outcome.chunks) == ("added", 2)
    registry = Registry(home)
    for row in document_rows(home):
        assert registry.text(row.document)[row.start : row.end] == row.text
        assert (row.company, row.ticker, row.fiscal_year) == ("Acme Corp", "ACM", 2023)
    assert [row.page for row in sorted(document_rows(home), key=lambda r: r.start)] == [1, 2]
    assert check_documents(home) == ()


def test_adding_again_changes_nothing(home: Path, tmp_path: Path) -> None:
    path = written(tmp_path, "a.md", sections("one", "two"))
    add(home, path)
    encoder = WordHashes()
    (outcome,) = add(home, path, encoder=encoder)
    assert (outcome.status, encoder.embedded) == ("unchanged", [])


def test_a_changed_file_embeds_only_its_changed_parts(home: Path, tmp_path: Path) -> None:
    path = written(tmp_path, "a.md", sections("one", "two", "three"))
    (first,) = add(home, path)
    written(tmp_path, "a.md", sections("one", "2", "three"))
    encoder = WordHashes()
    (second,) = add(home, path, encoder=encoder)
    assert (second.status, second.document) == ("changed", first.document)
    assert [text.split()[-1] for text in encoder.embedded] == ["2"]
    assert check_documents(home) == ()
    assert len(list((home / "documents" / "texts").iterdir())) == 1


def test_duplicate_files_under_two_names_are_one_document(home: Path, tmp_path: Path) -> None:
    one, two = written(tmp_path, "a.md", "Anvils."), written(tmp_path, "b.md", "Anvils.")
    first, second = add(home, one, two)
    assert (second.status, second.document) == ("duplicate", first.document)
    (record,) = Registry(home).records()
    assert [source.name for source in record.sources] == ["a.md", "b.md"]
    assert len(document_rows(home)) == 1
    assert remove_documents(home, [str(one)]) == ([first.document], [])
    assert [source.name for source in Registry(home).records()[0].sources] == ["b.md"]
    assert check_documents(home) == ()


def test_a_file_that_becomes_a_copy_of_another_leaves_one_document(
    home: Path, tmp_path: Path
) -> None:
    one, two = written(tmp_path, "a.md", "Anvils."), written(tmp_path, "b.md", "Hammers.")
    first, _ = add(home, one, two)
    written(tmp_path, "b.md", "Anvils.")
    (outcome,) = add(home, two)
    assert (outcome.status, outcome.document) == ("duplicate", first.document)
    assert {row.text for row in document_rows(home)} == {"Anvils."}
    assert check_documents(home) == ()


def test_what_a_person_says_later_changes_the_rows_and_embeds_anew(
    home: Path, tmp_path: Path
) -> None:
    path = written(tmp_path, "a.md", "Anvils.")
    add(home, path, said=Given(company="Acme"))
    (outcome,) = add(home, path, said=Given(fiscal_year=2020))
    assert outcome.status == "changed"
    (row,) = document_rows(home)
    assert (row.company, row.fiscal_year) == ("Acme", 2020)


def test_the_date_given_for_old_words_is_not_taken_for_new_ones(home: Path, tmp_path: Path) -> None:
    path = written(tmp_path, "a.md", "Anvils.")
    at = datetime(2001, 1, 1, tzinfo=UTC)
    add(home, path, said=Given(known_at=at))
    assert document_rows(home)[0].known_at == at
    written(tmp_path, "a.md", "Hammers.")
    add(home, path)
    assert document_rows(home)[0].known_at > at + timedelta(days=365)


def test_removing_takes_rows_record_and_text(home: Path, tmp_path: Path) -> None:
    (outcome,) = add(home, written(tmp_path, "a.md", "Anvils."))
    assert remove_documents(home, ["nothing", outcome.document]) == (
        [outcome.document],
        ["nothing"],
    )
    assert (document_rows(home), Registry(home).records()) == ([], ())
    assert list((home / "documents" / "texts").iterdir()) == []
    assert check_documents(home) == ()


@pytest.mark.parametrize("damage", ["text", "record", "rows", "orphan"])
def test_the_check_tells_every_damage(home: Path, tmp_path: Path, damage: str) -> None:
    (outcome,) = add(home, written(tmp_path, "a.md", "Anvils."))
    (text,) = (home / "documents" / "texts").iterdir()
    record = home / "documents" / "records" / f"{outcome.document}.json"
    if damage == "text":
        text.write_text(text.read_text("utf-8").replace("Anvils", "Hammer"), "utf-8")
    elif damage == "record":
        record.write_text("{", "utf-8")
    elif damage == "rows":
        from rag_index.updates import remove_document

        remove_document(home, outcome.document)
    else:
        record.unlink()
    (problem,) = check_documents(home)
    assert outcome.document in problem or text.name in problem


def test_building_again_brings_back_what_the_index_lost(home: Path, tmp_path: Path) -> None:
    from rag_index.updates import clear_documents

    add(home, written(tmp_path, "a.md", "Anvils."), written(tmp_path, "b.md", "Hammers."))
    clear_documents(home)
    assert len(check_documents(home)) == 2
    assert index_again(home, WordHashes()) == 2
    assert check_documents(home) == ()


@pytest.mark.parametrize("moment", ["read", "embed", "write"])
def test_a_run_that_is_killed_is_taken_up_by_the_next(
    home: Path, tmp_path: Path, moment: str
) -> None:
    files = [written(tmp_path, f"{i}.md", f"Text number {i}.") for i in range(4)]
    program = f"""
import os, signal, sys
from pathlib import Path
from tests.rag_index.documents_made import WordHashes
from tests.rag_index import test_documents_adding as t
from rag_index.documents.registry import Registry
def die(*a, **k): os.kill(os.getpid(), signal.SIGKILL)
def after(call, times):
    left = [times]
    def wrapped(*a, **k):
        left[0] -= 1
        return die() if left[0] < 0 else call(*a, **k)
    return wrapped
if {moment!r} == "read": t.read_document = after(t.read_document, 2)
if {moment!r} == "embed": WordHashes.embed = after(WordHashes.embed, 2)
if {moment!r} == "write": Registry.write = after(Registry.write, 5)
t.add(Path({str(home)!r}), *map(Path, sys.argv[1:]))
"""
    command = [sys.executable, "-c", program, *map(str, files)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, check=False, cwd=ROOT, env=environment)
    assert done.returncode == -signal.SIGKILL
    encoder = WordHashes()
    outcomes = add(home, encoder=encoder)
    assert {Path(outcome.path).name for outcome in outcomes} <= {f"{i}.md" for i in range(4)}
    assert {row.text for row in document_rows(home)} == {f"Text number {i}." for i in range(4)}
    assert 1 <= len(encoder.embedded) <= 2
    assert check_documents(home) == ()
    assert list((home / "documents" / "pending").iterdir()) == []


def test_two_processes_add_the_same_and_different_files(home: Path, tmp_path: Path) -> None:
    files = [written(tmp_path, f"{i}.md", f"Text number {i % 6}.") for i in range(9)]
    program = (
        "import sys; from pathlib import Path\n"
        "from tests.rag_index import test_documents_adding as t\n"
        "out = t.add(Path(sys.argv[1]), *map(Path, sys.argv[2:]))\n"
        "sys.exit(any(o.status == 'refused' for o in out))"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(home), *map(str, part)], cwd=ROOT, env=environment
        )
        for part in (files[:7], files[2:])
    ]
    assert [process.wait() for process in started] == [0, 0]
    assert sorted(row.text for row in document_rows(home)) == [
        f"Text number {i}." for i in range(6)
    ]
    assert sum(len(record.sources) for record in Registry(home).records()) == 9
    assert check_documents(home) == ()


KNOWN = datetime(2015, 5, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def known_row(tmp_path_factory: pytest.TempPathFactory) -> Row:
    folder = tmp_path_factory.mktemp("as-of")
    add(folder / "home", written(folder, "a.md", "Anvils."), said=Given(known_at=KNOWN))
    return document_rows(folder / "home")[0]


@given(st.datetimes(timezones=st.just(UTC)))
def test_no_row_of_a_document_is_allowed_before_it_was_known(
    known_row: Row, as_of: datetime
) -> None:
    assert Scope(as_of).allows(known_row) == (as_of >= KNOWN)


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "documents").write_text("a file")
    with pytest.raises(KnowledgeIndexError, match="can't be written"):
        add(tmp_path / "home", written(tmp_path, "a.md", "Anvils."))


def test_a_folder_gives_its_readable_files_and_no_hidden_ones(tmp_path: Path) -> None:
    (tmp_path / "in" / ".git").mkdir(parents=True)
    for name in ("a.md", "b.exe", ".c.md", "~$d.docx", ".git/e.md"):
        written(tmp_path / "in", name, "x")
    assert files_in([tmp_path / "in", tmp_path / "gone.pdf"]) == [
        tmp_path / "in" / "a.md",
        tmp_path / "gone.pdf",
    ]


def test_a_watched_file_is_given_when_it_stands_still_and_again_when_it_changed(
    tmp_path: Path,
) -> None:
    watched = WatchedFolder(tmp_path)
    path = written(tmp_path, "a.md", "half")
    assert watched.look() == ([], [])
    written(tmp_path, "a.md", "half and half")
    assert watched.look() == ([], [])
    assert watched.look() == ([path], [])
    assert watched.look() == ([], [])
    written(tmp_path, "a.md", "more")
    watched.look()
    assert watched.look() == ([path], [])
    path.unlink()
    assert watched.look() == ([], [path])
