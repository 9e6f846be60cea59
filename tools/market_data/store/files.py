"""Where files of parts lie: a folder of this machine, or a bucket."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from tools.domain.errors import StateError

HALF = ".half"
# How old a half-written file must be before it is taken for one that a dead process left.
LEFT_S = 3600.0


class Gone(Exception):
    """The file was there a moment ago: another process has folded it into a new one."""


class Files(Protocol):
    """Names are relative, with slashes. All raise StateError with a sentence."""

    def names(self, folder: str) -> list[str]:
        """The files of a folder at one moment, without half-written ones.

        Empty when there is no such folder.
        """
        ...

    def folders(self, folder: str) -> list[str]:
        """The folders of a folder."""
        ...

    def read(self, name: str) -> bytes:
        """All of it; raises Gone when it isn't there."""
        ...

    def write(self, name: str, content: bytes) -> None:
        """There whole and for good when it returns, or not at all."""
        ...

    def remove(self, name: str) -> None:
        """Nothing happens when it is gone already."""
        ...


class LocalFiles:
    """A folder of this machine. A file appears under its name when it is whole and on the disk."""

    def __init__(self, root: Path) -> None:
        """``root`` is made when the first file is written."""
        self.root = root

    def __str__(self) -> str:
        return str(self.root)

    def names(self, folder: str) -> list[str]:
        """See ``Files``."""
        with self._sentences(), suppress(FileNotFoundError, NotADirectoryError):
            # A system lists a folder piece by piece: a file that replaces another meanwhile can be
            # missed together with the one that it replaces. Two lists that agree missed nothing.
            before, found = None, self._listed(folder)
            while found != before:
                before, found = found, self._listed(folder)
            return sorted(found)
        return []

    def _listed(self, folder: str) -> set[str]:
        entries = os.scandir(self.root / folder)
        return {entry.name for entry in entries if not entry.name.endswith(HALF)}

    def folders(self, folder: str) -> list[str]:
        """See ``Files``."""
        with self._sentences(), suppress(FileNotFoundError, NotADirectoryError):
            return [entry.name for entry in os.scandir(self.root / folder) if entry.is_dir()]
        return []

    def read(self, name: str) -> bytes:
        """See ``Files``."""
        with self._sentences():
            try:
                return (self.root / name).read_bytes()
            except FileNotFoundError:
                raise Gone(name) from None

    def write(self, name: str, content: bytes) -> None:
        """See ``Files``."""
        path = self.root / name
        half = path.with_name(f"{secrets.token_hex(8)}{HALF}")
        with self._sentences():
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with half.open("xb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                half.replace(path)
            except BaseException:
                half.unlink(missing_ok=True)
                raise
            _sync(path.parent)
            _sweep(path)

    def remove(self, name: str) -> None:
        """See ``Files``."""
        with self._sentences():
            (self.root / name).unlink(missing_ok=True)

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StateError(
                f"the prices kept in {self.root} can't be used ({error.strerror or error}). Make "
                "it writable and see that the disk is not full."
            ) from None


def _sweep(written: Path) -> None:
    """Remove what dead processes left half written, by the disk's clock: ``written`` is new."""
    with suppress(OSError):
        now = written.stat().st_mtime
        for entry in os.scandir(written.parent):
            if entry.name.endswith(HALF) and now - entry.stat().st_mtime > LEFT_S:
                Path(entry.path).unlink()


def _sync(folder: Path) -> None:
    """Make the folder's new entry last; not every system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
