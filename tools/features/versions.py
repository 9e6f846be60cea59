"""What a matrix would be made of, told before it is computed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tools.features.inputs import Inputs
from tools.features.matrix import Lineage
from tools.features.row import Feature
from tools.market_data.columns import moment_of

_HERE = Path(__file__).parent
_TOOLS = _HERE.parent
# What computes, or decides where a session or a longer bar begins.
_PARTS = ("features", "indicators", "market_data/aggregation", "market_data/calendars")
_FILES = ("market_data/sessions.py", "market_data/columns.py", "domain/timeframe.py")
_LIBRARIES = ("numpy", "TA-Lib", "numba", "PyWavelets")


def lineage(inputs: Inputs, asked: tuple[str, ...], code: str) -> Lineage:
    """Of a matrix on ``inputs``; ``asked`` from ``written``, ``code`` from the function."""
    count = len(inputs)
    return Lineage(
        inputs.symbol,
        inputs.feed,
        str(inputs.timeframe),
        inputs.calendar,
        asked,
        count,
        moment_of(int(inputs.known[0])).isoformat() if count else "",
        moment_of(int(inputs.known[-1])).isoformat() if count else "",
        inputs.digest(),
        code,
        libraries(),
        inputs.origins,
    )


def written(name: str, params: Mapping[str, float]) -> str:
    """A name with its parameters, as JSON."""
    return json.dumps([name, dict(params)], sort_keys=True)


def code(rows: Sequence[Feature]) -> str:
    """SHA-256 of what computes ``rows``: the program's files, and those of a person's functions."""
    made = hashlib.sha256(ours().encode())
    for row in rows:
        made.update(f"{row.name} {row.unit} {sorted(row.params.items())}".encode())
        compiled = (row.written or row.function).__code__
        path = Path(compiled.co_filename)
        if _TOOLS in path.parents:
            continue
        # A person's own function: the file that it stands in, or the code itself without one.
        try:
            made.update(path.read_bytes())
        except OSError:
            made.update(compiled.co_code + repr(compiled.co_consts).encode())
    return made.hexdigest()


@lru_cache(maxsize=1)
def ours() -> str:
    """SHA-256 of the program's own files that compute."""
    made = hashlib.sha256()
    found = [path for part in _PARTS for path in (_TOOLS / part).rglob("*") if _counts(path)]
    for path in sorted((*found, *(_TOOLS / name for name in _FILES))):
        made.update(path.relative_to(_TOOLS).as_posix().encode())
        made.update(path.read_bytes())
    return made.hexdigest()


def _counts(path: Path) -> bool:
    return path.suffix in {".py", ".csv"}


@lru_cache(maxsize=1)
def libraries() -> tuple[str, ...]:
    """Name and version of each library whose arithmetic is in the values."""
    found = []
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name}, not installed")
    return tuple(found)
