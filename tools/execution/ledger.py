"""The ledger in one SQLite file, with the key that signs its heads beside it.

WAL with synchronous=FULL: an event is on the disk when its transaction ends. Any number of threads
and processes of one machine may share the file.
"""

from __future__ import annotations

from pathlib import Path

from tools.execution.ledger_chained import ChainedLedger
from tools.execution.signing_key import SigningKey
from tools.execution.sqlite_store import SqliteStore
from tools.ports import Clock


class SqliteLedger(ChainedLedger):
    """Implements ``tools.ports.Ledger`` on the file at ``path``.

    Raises StateError, also when made, for a file or folder that can't be trusted or written; such
    a file is never changed.
    """

    def __init__(self, path: Path, clock: Clock, heads: Path | None = None) -> None:
        """Open the ledger, or make it where there is none.

        ``heads`` is the file for signed heads, by default ``heads/heads.jsonl`` beside the ledger.
        """
        self.store = SqliteStore(path)
        key = SigningKey(path.parent / "keys")
        super().__init__(self.store, clock, heads or heads_beside(path), key)


def heads_beside(path: Path) -> Path:
    """Where the signed heads of the ledger at ``path`` are kept when nothing else is said."""
    return path.parent / "heads" / "heads.jsonl"
