"""A watched folder goes on through half-copied files, changes, files that go, and a busy index."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rag_index.documents.reading import read_document
from rag_index.errors import IndexBusy
from rag_index.watching import WatchedFolder, follow


class Stopped(Exception):
    """What ends a loop that has no end."""


class Watched:
    """A loop over a folder in which something happens at every wait."""

    def __init__(self, folder: Path, *happenings: Callable[[], object]) -> None:
        self.added: list[str] = []
        self.told: list[str] = []
        self.busy = 0
        self._left = list(happenings)
        with pytest.raises(Stopped):
            follow(WatchedFolder(folder), self._add, self.told.append, self._wait)

    def _add(self, paths: list[Path]) -> None:
        self.added += [f"{path.name}: {path.read_text()}" for path in paths]

    def _wait(self) -> None:
        if not self._left:
            raise Stopped
        self._left.pop(0)()


def nothing() -> None:
    """Nothing happens."""


def test_a_file_is_added_when_it_stands_still_and_once(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    seen = Watched(
        tmp_path,
        lambda: path.write_text("half"),
        lambda: path.write_text("half and half"),
        nothing,
        nothing,
        nothing,
    )
    assert seen.added == ["a.md: half and half"]
    assert seen.told == []


def test_a_change_is_added_again_and_a_file_that_goes_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("one")
    seen = Watched(
        tmp_path,
        nothing,
        lambda: path.write_text("other words"),
        nothing,
        path.unlink,
        nothing,
        nothing,
    )
    assert seen.added == ["a.md: one", "a.md: other words"]
    assert [said.split(":")[0] for said in seen.told] == ["a.md"]


def test_a_folder_that_vanishes_and_comes_back_does_not_end_it(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.md").write_text("one")

    def back() -> None:
        folder.mkdir()
        (folder / "b.md").write_text("two")

    def gone() -> None:
        (folder / "a.md").unlink()
        folder.rmdir()

    seen = Watched(folder, nothing, gone, nothing, back, nothing, nothing)
    assert seen.added == ["a.md: one", "b.md: two"]


def test_while_the_index_is_busy_it_says_so_once_and_loses_nothing(tmp_path: Path) -> None:
    class Busy(Watched):
        tries = 0

        def _add(self, paths: list[Path]) -> None:
            self.tries += 1
            if self.tries <= 3:
                raise IndexBusy("another process is writing")
            super()._add(paths)

    (tmp_path / "a.md").write_text("one")
    seen = Busy(tmp_path, *[nothing] * 6)
    assert seen.added == ["a.md: one"]
    assert seen.tries == 4
    assert len(seen.told) == 1
    assert "trying again" in seen.told[0]


def test_any_other_error_ends_it(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("one")

    class Broken(Watched):
        def _add(self, paths: list[Path]) -> None:
            read_document(tmp_path / "gone.md")
            raise Stopped

    with pytest.raises(Exception, match="gone"):
        Broken(tmp_path, nothing, nothing)
