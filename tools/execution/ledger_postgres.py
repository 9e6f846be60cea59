"""The ledger in PostgreSQL, for desks on more than one machine: the same chain, the same promises.

An event is durable at the server when its transaction ends (``synchronous_commit`` is on). The key
and the heads file stay on the desk's own disk: the server's keeper can't sign.
"""

from __future__ import annotations

from pathlib import Path

from tools.execution.ledger_chained import ChainedLedger
from tools.execution.postgres_store import PostgresStore
from tools.execution.signing_key import SigningKey
from tools.ports import Clock
from tools.postgres import Address

SCHEMA = "tollgate"


class PostgresLedger(ChainedLedger):
    """Implements ``tools.ports.Ledger`` on a PostgreSQL database.

    Raises ConfigError for a URL that is none, and StateError, also when made, when the database
    can't be reached, trusted or written.
    """

    def __init__(
        self, url: str, clock: Clock, *, keys: Path, heads: Path, schema: str = SCHEMA
    ) -> None:
        """Open the ledger in ``schema``, or make it where there is none.

        ``keys`` is the folder of the signing key and ``heads`` the file for signed heads.
        """
        self.store = PostgresStore(Address(url, schema))
        super().__init__(self.store, clock, heads, SigningKey(keys))
