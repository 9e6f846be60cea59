"""A person's own Python file, run as it is written now."""

from __future__ import annotations

import importlib.util
from importlib.abc import SourceLoader
from pathlib import Path
from types import ModuleType


class AsWritten(SourceLoader):
    """Compiles the file's text each time and keeps nothing of it.

    Python's own loader takes kept bytecode for good while a file's size and second of change are
    the same: a file written twice within a second would run as it was before.
    """

    def __init__(self, path: Path) -> None:
        """Read the file; OSError where that can't be done."""
        self._path, self.text = str(path), path.read_bytes()

    def get_filename(self, fullname: str) -> str:
        """The file, whatever the module is called."""
        return self._path

    def get_data(self, path: str | bytes) -> bytes:
        """The text as it was read; OSError for any other file."""
        if path != self._path:
            raise OSError(f"{path!r} is not the file that was read")
        return self.text

    def module(self, name: str) -> ModuleType:
        """An empty module for ``exec_module`` to fill."""
        spec = importlib.util.spec_from_file_location(name, self._path, loader=self)
        if spec is None:  # only of a loader without a file
            raise ImportError(f"{self._path} can't be loaded")
        return importlib.util.module_from_spec(spec)
