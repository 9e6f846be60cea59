"""A person's own indicators: Python files in a folder of theirs, read once.

Each file is the person's own code and runs with the desk's rights, like any program they start.
Nothing is ever read from a folder of documents or data. One fault stops neither the desk nor the
other files: it is kept in ``problems`` with its file and line.
"""

from __future__ import annotations

import logging
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

from tools.indicators.as_written import AsWritten


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file gave no indicators: its path, the line (0 when unknown) and what was wrong."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        """One sentence with the place."""
        return f"{self.file}, line {self.line}: {self.message}"


_log = logging.getLogger(__name__)
_lock = RLock()
_folder: Path | None = None
_read: set[Path] = set()
_problems: list[Problem] = []


def look_in(folder: Path | None) -> None:
    """Say where the person's files are; they are read when indicators are first asked for."""
    global _folder  # noqa: PLW0603 - one registry, one folder
    _folder = folder


def load() -> None:
    """Read each file of the folder that has not been read yet; never raises for what is in it."""
    with _lock:
        for path in _files():
            if path not in _read:
                _read.add(path)
                _read_one(path)


def problems() -> tuple[Problem, ...]:
    """What was wrong with the files read so far."""
    return tuple(_problems)


def problem(error: BaseException, file: Path | None = None) -> Problem:
    """Where in the person's files ``error`` came from, and what it says."""
    frames = traceback.extract_tb(error.__traceback__)
    home = str(_folder) if file is None else str(file)
    there = [frame for frame in frames if frame.filename.startswith(home)]
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, SyntaxError) and error.filename:
        return Problem(error.filename, error.lineno or 0, f"SyntaxError: {error.msg}")
    if there:
        return Problem(there[-1].filename, there[-1].lineno or 0, said)
    return Problem(home, 0, said)


def is_own(module: str) -> bool:
    """Whether a function of this module came from the person's folder."""
    return module.startswith(_PREFIX)


_PREFIX = "tollgate_own_indicators."


def _files() -> list[Path]:
    if _folder is None:
        return []
    try:
        return sorted(p for p in _folder.glob("*.py") if p.is_file())
    except OSError as error:
        _keep(Problem(str(_folder), 0, str(error)))
        return []


def _read_one(path: Path) -> None:
    name = f"{_PREFIX}{path.stem}"
    try:
        loader = AsWritten(path)
        sys.modules[name] = module = loader.module(name)
        loader.exec_module(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - their code may raise anything
        _keep(problem(error, path))


def _keep(found: Problem) -> None:
    if found not in _problems:
        _problems.append(found)
        _log.warning("An indicator of your own can't be used: %s", found)
