"""Watches a folder for documents that are new or changed, by looking at it again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from rag_index.documents.reading import READERS
from rag_index.errors import KnowledgeIndexError

_Stamp = tuple[int, int]


def files_in(paths: Iterable[Path]) -> list[Path]:
    """Give the files named, and of each folder named those below it that have a reader.

    Hidden files and folders are left out; a path that is not there is given, to be refused.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found |= dict.fromkeys(_below(path))
        else:
            found[path] = None
    return list(found)


class WatchedFolder:
    """Gives a file once its size and time stood still between two looks: copying it is over."""

    def __init__(self, folder: Path) -> None:
        """Watch `folder` and the folders below it."""
        self._folder = folder
        self._before: dict[Path, _Stamp] = {}
        self._given: dict[Path, _Stamp] = {}

    def look(self) -> tuple[list[Path], list[Path]]:
        """Give the files to add now, and those given before that are gone."""
        now: dict[Path, _Stamp] = {}
        for path in _below(self._folder):
            try:
                stat = path.stat()
            except OSError:  # gone between listing and looking
                continue
            now[path] = (stat.st_size, stat.st_mtime_ns)
        ready = [
            path
            for path, stamp in now.items()
            if self._before.get(path) == stamp and self._given.get(path) != stamp
        ]
        gone = [path for path in self._given if path not in now]
        for path in gone:
            del self._given[path]
        self._given |= {path: now[path] for path in ready}
        self._before = now
        return ready, gone

    def again(self, paths: Iterable[Path]) -> None:
        """Give these files once more at the next look: they could not be used."""
        for path in paths:
            self._given.pop(path, None)


def follow(
    watched: WatchedFolder,
    add: Callable[[list[Path]], None],
    tell: Callable[[str], None],
    wait: Callable[[], object],
) -> None:
    """Look and wait in turn, for ever; `add` what is ready, `tell` what is gone.

    Where the index can't be written just now, it is told once and tried again after every wait.
    """
    trouble = ""
    while True:
        ready, gone = watched.look()
        try:
            if ready:
                add(ready)
                trouble = ""
        except KnowledgeIndexError as error:
            watched.again(ready)
            if str(error) != trouble:
                tell(f"{error} (trying again until it works)")
            trouble = str(error)
        for path in gone:
            tell(f"{path.name}: gone from the folder; it stays in the knowledge base")
        wait()


def _below(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in READERS
        and path.is_file()
        and not any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
    )
