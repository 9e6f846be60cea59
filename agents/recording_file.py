"""A recording on disk: a head, then a line for each answer, each with a sum over itself."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.domain.errors import InputError, StateError

FORMAT = 2
MOST_BYTES = 2**30
Row = dict[str, Any]


def rows_of(path: Path) -> Iterator[Row]:
    """The head, then each answer; a last line that is torn, as a killed process leaves it, is not.

    Raises InputError for a file that is no recording, can't be read or was changed.
    """
    for number, line in enumerate(_lines(path), 1):
        try:
            row = json.loads(line)
            told = row.pop("sum", None)
        except (ValueError, AttributeError) as error:
            raise InputError(
                f"{path} is no recording of a model (line {number}: {error}); --record makes one."
            ) from None
        if number > 1 and told != _sum(row):
            raise InputError(
                f"Line {number} of {path} is not as it was recorded: the file was edited or is "
                "damaged, and what it would tell is not what the model said. Record it again with "
                "--record into a new file."
            )
        yield row


def append(path: Path, row: Row) -> None:
    """Add a line that only its owner can read; raises StateError when the disk refuses."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    try:
        with os.fdopen(os.open(path, flags, 0o600), "ab") as file:
            file.write(json.dumps(row | {"sum": _sum(row)}).encode() + b"\n")
    except OSError as error:
        raise StateError(
            f"the answers can't be recorded in {path} ({error.strerror or error})."
        ) from None


def mend(path: Path) -> None:
    """Cut a torn last line off, so that the next begins at its own; StateError when it can't."""
    try:
        whole = path.read_bytes()
        os.truncate(path, whole.rfind(b"\n") + 1)
    except OSError as error:
        raise StateError(f"{path} can't be written ({error.strerror or error}).") from None


def need_place(path: Path) -> None:
    """Raise StateError where no file can be made: before a model was paid for its answers."""
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise StateError(
            f"the answers can't be recorded in {path}: there is no folder {path.parent} that can "
            "be written to."
        )


def _sum(row: Row) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]


def _lines(path: Path) -> list[bytes]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path} is over a gigabyte: that is no recording of a model.")
        whole = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} can't be read ({error.strerror or error}).") from None
    return whole.split(b"\n")[:-1]  # what stands after the last line's end is torn
