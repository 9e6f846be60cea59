"""Remembers which files are still to be added, so that a run that was killed is taken up again."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock, Timeout

Entry = tuple[str, dict[str, str]]  # a path, and what was said about it


class Journal:
    """One run's list; its lock is held while the run lives, so that others leave it alone."""

    def __init__(self, home: Path, entries: Sequence[Entry]) -> None:
        """Write the list, and take over those of runs that ended before they were done."""
        folder = home / "pending"
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{uuid.uuid4().hex}.jsonl"
        self._lock = FileLock(self._path.with_suffix(".lock"))
        self._lock.acquire()
        mine = {path for path, _ in entries}
        left, dead = _abandoned(folder, self._path)
        self.adopted = tuple(
            {path: (path, said) for path, said in left if path not in mine}.values()
        )
        self.entries = (*entries, *self.adopted)
        with self._path.open("w", encoding="utf-8") as file:
            file.writelines(
                json.dumps({"add": path, "as": said}) + "\n" for path, said in self.entries
            )
            file.flush()
            os.fsync(file.fileno())
        for path in dead:
            path.unlink(missing_ok=True)

    def done(self, path: str) -> None:
        """Strike a path out."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"done": path}) + "\n")

    def close(self) -> None:
        """End the run; the list goes when nothing is left on it."""
        if not _left(self._path):
            self._path.unlink(missing_ok=True)
        self._lock.release()
        if not self._path.exists():
            Path(self._lock.lock_file).unlink(missing_ok=True)


def _abandoned(folder: Path, own: Path) -> tuple[list[Entry], list[Path]]:
    found: list[Entry] = []
    dead: list[Path] = []
    for path in sorted(folder.glob("*.jsonl")):
        if path == own:
            continue
        try:
            with FileLock(path.with_suffix(".lock"), timeout=0):
                found += _left(path)
                dead += [path, path.with_suffix(".lock")]
        except Timeout:
            continue
    return found, dead


def _left(path: Path) -> list[Entry]:
    """What is not struck out; a torn last line is the one that was being written."""
    left: dict[str, dict[str, str]] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    for line in lines:
        try:
            said = json.loads(line)
            if "done" in said:
                left.pop(said["done"], None)
            else:
                left[said["add"]] = said["as"]
        except (ValueError, KeyError, TypeError):
            continue
    return list(left.items())
