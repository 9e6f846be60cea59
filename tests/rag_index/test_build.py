"""A build replaces the index in one step, reuses what it can, and can be killed at any point."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from filelock import FileLock

from knowledge_base.articles import load_articles
from rag_index import build
from rag_index.build import build_index, check_index, is_current
from rag_index.embed import Embedder
from rag_index.errors import (
    IndexBusy,
    IndexCorrupt,
    IndexMissing,
    KnowledgeIndexError,
)
from rag_index.search import KnowledgeIndex

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOME = load_articles()[:4]


@pytest.fixture
def copy(index_folder: Path, tmp_path: Path) -> Path:
    """An index of its own for a test that damages or rebuilds it."""
    return Path(shutil.copytree(index_folder, tmp_path / "copy"))


def run(program: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", program, str(folder)]
    return subprocess.run(command, check=False, capture_output=True)


def find(folder: Path, embedder: Embedder, *, in_memory: bool = True) -> str:
    index = KnowledgeIndex.open(folder, embedder=embedder, in_memory=in_memory)
    return index.search("what does RSI above 70 mean", as_of=NOW)[0].document


def test_a_fresh_index_is_current_and_without_problems(index_folder: Path) -> None:
    assert is_current(index_folder)
    assert check_index(index_folder) == ()


def test_a_rebuild_reuses_every_embedding(copy: Path, embedder: Embedder) -> None:
    report = build_index(copy, embedder=embedder)
    assert report.embedded == 0
    assert report.reused == report.chunks > 100
    assert check_index(copy) == ()


def test_a_change_of_one_article_embeds_only_its_chunks(tmp_path: Path, embedder: Embedder) -> None:
    first = build_index(tmp_path, embedder=embedder, articles=SOME)
    changed = replace(SOME[0], text=SOME[0].text + "\nOne more thing to say.\n")
    second = build_index(tmp_path, embedder=embedder, articles=[changed, *SOME[1:]])
    assert first.embedded == first.chunks
    assert 1 <= second.embedded <= 2


def test_progress_counts_up_to_the_whole(tmp_path: Path, embedder: Embedder) -> None:
    told: list[tuple[int, int, str]] = []
    report = build_index(
        tmp_path, embedder=embedder, articles=SOME, progress=lambda *what: told.append(what)
    )
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert {total for _, total, _ in told} == {report.chunks}
    assert told[-1][0] == report.chunks


@pytest.mark.parametrize("moment", ["embedding", "writing the table"])
def test_a_killed_build_leaves_the_former_index_in_use(
    copy: Path, embedder: Embedder, moment: str
) -> None:
    def die(done: int, total: int, what: str) -> None:
        if what == moment:
            raise KeyboardInterrupt

    changed = [replace(article, title=f"New {article.title}") for article in SOME]
    with pytest.raises(KeyboardInterrupt):
        build_index(copy, embedder=embedder, articles=changed, progress=die)
    assert is_current(copy)
    assert check_index(copy) == ()
    assert find(copy, embedder) == "relative-strength-index"
    assert find(copy, embedder, in_memory=False) == "relative-strength-index"
    build_index(copy, embedder=embedder)
    assert check_index(copy) == ()


def test_a_process_killed_while_publishing_leaves_the_former_index_in_use(
    copy: Path, embedder: Embedder
) -> None:
    program = (
        "import os, sys; from pathlib import Path; from rag_index import build, manifest\n"
        "manifest.write_manifest = lambda *a: os._exit(9)\n"
        "build.build_index(Path(sys.argv[1]))\n"
    )
    done = run(program, copy)
    assert done.returncode == 9
    assert check_index(copy) == ()
    assert find(copy, embedder, in_memory=False) == "relative-strength-index"
    build_index(copy, embedder=embedder)
    assert check_index(copy) == ()


def test_embeddings_made_before_a_kill_are_not_made_again(
    tmp_path: Path, embedder: Embedder
) -> None:
    def die(done: int, total: int, what: str) -> None:
        if done > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_index(tmp_path, embedder=embedder, articles=load_articles()[:6], progress=die)
    with pytest.raises(IndexMissing, match="tollgate knowledge build"):
        KnowledgeIndex.open(tmp_path, embedder=embedder)
    assert build_index(tmp_path, embedder=embedder, articles=load_articles()[:6]).reused == 16


def test_without_an_index_the_error_says_how_to_build_one(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "not there"):
        with pytest.raises(IndexMissing, match="tollgate knowledge build"):
            KnowledgeIndex.open(folder)
        assert not is_current(folder)
        assert "tollgate knowledge build" in check_index(folder)[0]


def cut_manifest(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes()[:40])


def foreign_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text("[]")


def other_model(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"model": "another"}))


def cut_snapshot(folder: Path) -> None:
    path = folder / "chunks_1.npz"
    path.write_bytes(path.read_bytes()[:-100])


def no_snapshot(folder: Path) -> None:
    (folder / "chunks_1.npz").unlink()


@pytest.mark.parametrize(
    "damage", [cut_manifest, foreign_manifest, other_model, cut_snapshot, no_snapshot]
)
def test_a_damaged_index_says_so_and_a_build_repairs_it(
    copy: Path, embedder: Embedder, damage: Callable[[Path], None]
) -> None:
    damage(copy)
    with pytest.raises(IndexCorrupt, match="tollgate knowledge build"):
        KnowledgeIndex.open(copy, embedder=embedder)
    build_index(copy, embedder=embedder)
    assert check_index(copy) == ()


@pytest.mark.parametrize("part", ["", "data", "_versions"])
def test_a_damaged_table_says_so_and_a_build_repairs_it(
    copy: Path, embedder: Embedder, part: str
) -> None:
    shutil.rmtree(copy / "lancedb" / "chunks_1.lance" / part)
    with pytest.raises(IndexCorrupt, match="tollgate knowledge build"):
        find(copy, embedder, in_memory=False)
    assert "tollgate knowledge build" in check_index(copy)[0]
    build_index(copy, embedder=embedder)
    assert check_index(copy) == ()


def test_a_damaged_cache_of_embeddings_is_made_anew(tmp_path: Path, embedder: Embedder) -> None:
    (tmp_path / "embeddings.sqlite").write_bytes(b"this is no database" * 100)
    report = build_index(tmp_path, embedder=embedder, articles=SOME)
    assert report.embedded == report.chunks
    assert build_index(tmp_path, embedder=embedder, articles=SOME).embedded == 0


def test_an_index_of_other_articles_is_not_current_and_its_spans_are_reported(
    tmp_path: Path, embedder: Embedder
) -> None:
    changed = replace(SOME[0], text="\nSomething else altogether.\n")
    build_index(tmp_path, embedder=embedder, articles=[changed, *SOME[1:]])
    assert not is_current(tmp_path)
    (problem,) = check_index(tmp_path)
    assert SOME[0].slug in problem


def test_only_one_process_builds_at_a_time(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "LOCK_WAIT_S", 0.05)
    with FileLock(tmp_path / "build.lock"), pytest.raises(IndexBusy, match="another process"):
        build_index(tmp_path, embedder=embedder, articles=SOME)


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path, embedder: Embedder) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(KnowledgeIndexError, match="can't be written"):
        build_index(tmp_path / "file", embedder=embedder, articles=SOME)
    (tmp_path / "lancedb").write_text("not a folder")
    with pytest.raises(KnowledgeIndexError, match="can't be written"):
        build_index(tmp_path, embedder=embedder, articles=SOME)


def test_older_builds_are_removed_but_for_the_last_one(copy: Path, embedder: Embedder) -> None:
    for _ in range(3):
        build_index(copy, embedder=embedder)
    assert sorted(path.name for path in copy.glob("chunks_*")) == ["chunks_3.npz", "chunks_4.npz"]
    tables = sorted(path.name for path in (copy / "lancedb").glob("*.lance"))
    assert tables == ["chunks_3.lance", "chunks_4.lance"]


def test_a_search_in_memory_does_not_import_lancedb(index_folder: Path) -> None:
    program = (
        "import sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from rag_index.search import KnowledgeIndex\n"
        "index = KnowledgeIndex.open(Path(sys.argv[1]))\n"
        "assert index.search('what is slippage', as_of=datetime.now(UTC))\n"
        "sys.exit('lancedb' in sys.modules)\n"
    )
    done = run(program, index_folder)
    assert done.returncode == 0, done.stderr
