"""Which program this is: a hash over its own source, so that an order says what made it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

ROOM = Path(__file__).resolve().parents[1]


@cache
def build() -> str:
    """SHA-256 (hex) over every source and data file of ``tools``, read once a process.

    That is all that judges, journals and sends. "dev" when the files can't be read.
    """
    digest = hashlib.sha256()
    try:
        for path in sorted(ROOM.rglob("*")):
            if path.suffix in (".py", ".toml") and path.is_file():
                digest.update(f"{path.relative_to(ROOM).as_posix()}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    except OSError:
        return "dev"
    return digest.hexdigest()
