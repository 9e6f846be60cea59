"""Computed matrices kept: in a cache, and as Parquet files under their version.

A version names data, code and parameters, so what is found under it is right, and whatever changed
is computed anew. Losing the folder loses time and nothing else.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import numpy as np

from tools.domain.errors import StateError
from tools.features import versions
from tools.features.compute import NONE, Params, Recipe, compute, recipe
from tools.features.inputs import Inputs
from tools.features.matrix import FeatureMatrix, Lineage
from tools.ports import Cache

_log = logging.getLogger(__name__)
_KEY = b"tollgate"
SECONDS = 24 * 3600.0
KEPT = 20
"""Versions of one symbol that stay on disk; the oldest go first."""


class FeatureStore:
    """Matrices of one folder, for any number of processes: files are put in place whole."""

    def __init__(self, folder: Path, cache: Cache | None = None) -> None:
        """``folder`` is made when first written to."""
        self._folder = folder
        self._cache = cache

    def compute(
        self, inputs: Inputs, names: Iterable[str] | Recipe, params: Params = NONE
    ) -> FeatureMatrix:
        """What ``compute.compute`` gives, read where it was kept.

        What can't be kept is computed all the same. Errors as in ``compute``.
        """
        wanted = names if isinstance(names, Recipe) else recipe(names, params)
        found = self._find(versions.lineage(inputs, wanted.asked, wanted.code))
        if found is not None:
            return found
        made = compute(inputs, wanted)
        if not made.unavailable:
            self._keep(made)
        return made

    def versions(self, symbol: str) -> tuple[Lineage, ...]:
        """What is kept of a symbol, newest first; files that can't be read are left out."""
        import pyarrow.parquet as pq

        found = []
        for path in self._files(symbol):
            with suppress(Exception):
                metadata = pq.read_schema(path).metadata or {}
                found.append(Lineage.read(metadata[_KEY].decode()))
        return tuple(found)

    def _find(self, lineage: Lineage) -> FeatureMatrix | None:
        if self._cache is not None:
            kept = self._cache.get(_cache_key(lineage))
            found = None if kept is None else _read(kept, lineage)
            if found is not None:
                return found
        path = self._path(lineage)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        found = _read(data, lineage)
        if found is None:
            _log.warning("The kept features in %s can't be read: computed anew.", path)
        elif self._cache is not None:
            self._cache.put(_cache_key(lineage), data, SECONDS)
        return found

    def _keep(self, matrix: FeatureMatrix) -> None:
        lineage = matrix.lineage[0]
        data, path = _written(matrix), self._path(lineage)
        if self._cache is not None:
            self._cache.put(_cache_key(lineage), data, SECONDS)
        try:
            _put(path, data)
            for old in self._files(lineage.symbol)[KEPT:]:
                old.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("Features can't be kept in %s (%s).", path.parent, error.strerror or error)

    def _path(self, lineage: Lineage) -> Path:
        return self._folder / _file_name(lineage.symbol) / f"{lineage.version}.parquet"

    def _files(self, symbol: str) -> list[Path]:
        aged = []
        for path in (self._folder / _file_name(symbol)).glob("*.parquet"):
            with suppress(OSError):  # another process may have removed it
                aged.append((path.stat().st_mtime_ns, path))
        return [path for _, path in sorted(aged, reverse=True)]

    def clear(self, symbol: str) -> int:
        """Forget a symbol's files; how many there were. StateError when they can't be removed."""
        files = self._files(symbol)
        try:
            for path in files:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise StateError(
                f"{path} can't be removed ({error.strerror}). Make it writable."
            ) from None
        return len(files)


def _cache_key(lineage: Lineage) -> str:
    return f"features/{lineage.version}"


def _file_name(symbol: str) -> str:
    """Letters, digits and dashes as they are, any other character by its number: no path."""
    return "".join(
        c if c.isascii() and (c.isalnum() or c == "-") else f"_{ord(c):x}_" for c in symbol
    )


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, suffix=".draft")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(draft).replace(path)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise


def _written(matrix: FeatureMatrix) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {"known": matrix.times} | dict(zip(matrix.names, matrix.values.T, strict=True))
    table = pa.table({name: np.ascontiguousarray(column) for name, column in columns.items()})
    table = table.replace_schema_metadata({_KEY: matrix.lineage[0].as_text().encode()})
    out = pa.BufferOutputStream()
    pq.write_table(
        table, out, compression="zstd", use_dictionary=False, write_page_checksum=True
    )  # fmt: skip
    return bytes(out.getvalue())


def _read(data: bytes, lineage: Lineage) -> FeatureMatrix | None:
    """The matrix, None when the bytes are damaged or of another version."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(data), page_checksum_verification=True)
        table = file.read(use_threads=False)  # a thread still at it when the process ends aborts it
        kept = Lineage.read((table.schema.metadata or {})[_KEY].decode())
        times = table.column("known").to_numpy().astype(np.int64, copy=False)
        names = tuple(name for name in table.column_names if name != "known")
        values = np.empty((len(times), len(names)), order="F")
        for place, name in enumerate(names):
            values[:, place] = table.column(name).to_numpy()
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError):
        return None
    return FeatureMatrix(names, times, values, (kept,)) if kept == lineage else None
