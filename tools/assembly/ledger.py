"""The ledger, its signed heads and its verifier."""

from __future__ import annotations

from pathlib import Path

from tools.execution.audit import Audit
from tools.execution.audit_source import SqliteSource
from tools.execution.ledger import SqliteLedger, heads_beside
from tools.ports import Clock, Ledger
from tools.settings import Settings


def ledger_path(settings: Settings) -> Path:
    """The ledger's file under the state folder."""
    return settings.state / "ledger.db"


def heads_path(settings: Settings) -> Path:
    """The file of the ledger's signed heads."""
    own = settings.heads
    return own.expanduser() if own else heads_beside(ledger_path(settings))


def open_ledger(settings: Settings, clock: Clock) -> Ledger:
    """The ledger in the database that is set, else in the state folder.

    Raises ConfigError for an address that is none, StateError when it can't be trusted or reached.
    """
    heads = heads_path(settings)
    if settings.database_url is None:
        return SqliteLedger(ledger_path(settings), clock, heads)
    from tools.execution.ledger_postgres import PostgresLedger

    url = settings.database_url.get_secret_value()
    return PostgresLedger(url, clock, keys=settings.state / "keys", heads=heads)


def open_audit(settings: Settings, key: Path | None = None) -> Audit:
    """The verifier of the ledger that is set; ``key`` is an auditor's copy of the public key."""
    heads, keys = heads_path(settings), settings.state / "keys"
    if settings.database_url is None:
        return Audit(lambda: SqliteSource(ledger_path(settings)), heads, keys, key)
    from tools.execution.audit_postgres import PostgresSource
    from tools.execution.ledger_postgres import SCHEMA
    from tools.postgres import Address

    address = Address(settings.database_url.get_secret_value(), SCHEMA)
    return Audit(lambda: PostgresSource(address), heads, keys, key)
