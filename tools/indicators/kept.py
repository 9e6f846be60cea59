"""Machine code on disk that is out of date when any file it was made from is.

Numba itself looks at the function's own file alone, and not at those whose functions and constants
it uses.
"""

from __future__ import annotations

import ast
import logging
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from inspect import getfile
from pathlib import Path
from typing import Any

from numba.core import caching as _caching

FunctionCache: Any = _caching.FunctionCache
IndexDataCacheFile: Any = _caching.IndexDataCacheFile
OURS = Path(__file__).resolve().parents[1]
_log = logging.getLogger(__name__)
INSTALLED = tuple({Path(sysconfig.get_path(n)).resolve() for n in ("stdlib", "purelib", "platlib")})


class Kept(FunctionCache):  # type: ignore[misc]
    """The machine code of one function. A disk that fails costs time and is no error."""

    def __init__(self, function: Callable[..., object]) -> None:
        """Raises RuntimeError where no folder can be written."""
        super().__init__(function)
        self._sources = sources_of(Path(getfile(function)).resolve())
        stamp = self._impl.locator.get_source_stamp()
        self._cache_file = _Files(self._cache_path, self._impl.filename_base, stamp)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The code, or None where it must be made: nothing there, or nothing that can be read."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # noqa: BLE001 - a file cut short raises anything
            with suppress(OSError):
                self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Write it where that can be done: the disk may be full, or the folder gone."""
        try:
            super().save_overload(sig, data)
        except OSError as error:
            tell_once(str(error))

    def _index_key(self, signature: Any, codegen: Any) -> tuple[Any, ...]:
        return (*super()._index_key(signature, codegen), self._sources)


class _Files(IndexDataCacheFile):  # type: ignore[misc]
    """Each piece of code under a name of its own, and all of it there before the index names it.

    Numba numbers them, so that two processes may give one number to two pieces at once, and a third
    one run the wrong code. Pieces of other sources are removed.
    """

    def save(self, key: Any, data: Any) -> None:
        name = self._data_name_pattern.format(
            number=int(sha256(repr(key).encode()).hexdigest(), 16)
        )
        known = self._load_index()
        self._save_data(name, data)
        self._save_index({k: v for k, v in known.items() if k[-1] == key[-1]} | {key: name})
        for other, old in known.items():
            if other[-1] != key[-1]:
                with suppress(OSError):
                    Path(self._data_path(old)).unlink()


@cache
def tell_once(why: str) -> None:
    """Say that each start will compile anew."""
    _log.warning(
        "Compiled code can't be kept (%s): each start takes up to a minute longer. Set "
        "NUMBA_CACHE_DIR to a folder that can be written.",
        why,
    )


@cache
def sources_of(file: Path) -> str:
    """A digest of the file and of all that it imports, but for what others wrote."""
    found, waiting = set[Path](), [file]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(_imported(one))
    return sha256(b"".join(sorted(_read(one) for one in found))).hexdigest()


@cache
def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


@cache
def _imported(file: Path) -> tuple[Path, ...]:
    """The files of the modules that this one imports when it is loaded."""
    try:
        statements = ast.parse(_read(file)).body
    except (SyntaxError, ValueError):
        return ()
    names = [name for statement in statements for name in _names(statement, file)]
    files = {_file_of(name) for name in names}
    return tuple(one for one in files if one is not None)


def _names(statement: ast.stmt, file: Path) -> Iterator[str]:
    """Modules by name; of ``from a import b`` it is not known whether b is one."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            parts = alias.name.split(".")
            yield from (".".join(parts[: n + 1]) for n in range(len(parts)))
    elif isinstance(statement, ast.ImportFrom):
        start = _package(file, statement.level) if statement.level else ""
        module = ".".join(part for part in (start, statement.module) if part)
        yield module
        yield from (f"{module}.{alias.name}" for alias in statement.names)
    elif isinstance(statement, ast.Try):
        for inner in statement.body:
            yield from _names(inner, file)


def _package(file: Path, level: int) -> str:
    """What ``level`` dots stand for in the file."""
    for module in list(sys.modules.values()):
        if getattr(module, "__file__", None) == str(file):
            parts = (module.__package__ or "").split(".")
            return ".".join(parts[: len(parts) - level + 1])
    return ""


def _file_of(module: str) -> Path | None:
    named = getattr(sys.modules.get(module), "__file__", None)
    if not named or not named.endswith(".py"):
        return None
    file = Path(named).resolve()
    others = any(file.is_relative_to(folder) for folder in INSTALLED)
    return file if file.is_relative_to(OURS) or not others else None
