"""What a file may be before it is opened: there, a file, not empty, not too large."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from rag_index.documents.errors import DocumentRefused

MOST_BYTES = 200 * 1024 * 1024
MOST_CHARACTERS = 40_000_000
SECONDS_PER_DOCUMENT = 120.0
MOST_MEMORY = 4 * 1024**3
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it was when it was read: `mtime` in seconds since 1970."""

    path: str
    name: str
    sha256: str
    size: int
    mtime: float


def measure(path: Path, most: int = MOST_BYTES) -> SourceFile:
    """Look at a file and hash it in blocks; raises DocumentRefused with what is wrong with it."""
    try:
        stat = path.stat()
        if not path.is_file():
            raise DocumentRefused(f"{path.name}: it is no ordinary file: leave it out")
        if stat.st_size == 0:
            raise DocumentRefused(f"{path.name}: it is empty (0 bytes): fetch it again")
        if stat.st_size > most:
            raise DocumentRefused(
                f"{path.name}: it is {stat.st_size / 1e6:,.0f} MB, more than the "
                f"{most / 1e6:,.0f} MB that are read: split it into parts and add those"
            )
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except FileNotFoundError:
        raise DocumentRefused(f"{path}: there is no such file: check the path") from None
    except OSError as error:
        raise DocumentRefused(
            f"{path.name}: it can't be read ({error.strerror}): check its permissions"
        ) from error
    return SourceFile(
        str(path.absolute()), _shown(path.name), digest.hexdigest(), stat.st_size, stat.st_mtime
    )


def _shown(name: str) -> str:
    """A file's name with a mark for each byte that is no UTF-8: it goes into texts and tables."""
    return name.encode("utf-8", "replace").decode("utf-8")
