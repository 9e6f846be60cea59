"""Connections to PostgreSQL for prices: one a thread, made anew when lost, errors as sentences."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar

from tools.domain.errors import ConfigError, StateError
from tools.postgres import Address

T = TypeVar("T")
# A read of years of minutes takes a while; a server that is silent for longer is gone.
SILENT_S = 60.0
BUSY_MS = 10_000


class Connection:
    """One connection inside one transaction."""

    def __init__(self, raw: Any) -> None:
        """``raw`` is the driver's."""
        self._raw = raw

    def run(self, statement: str, stream: Any = None, **values: object) -> list[list[Any]]:
        """The rows that a statement gives."""
        return self._raw.run(statement, stream=stream, **values) or []


class Database:
    """Where it is, and transactions there; the password is in no sentence."""

    def __init__(self, url: str, schema: str) -> None:
        """``schema`` is made when it isn't there. Raises ConfigError for what is no such URL."""
        if find_spec("pg8000") is None:
            raise ConfigError(
                "TOLLGATE_MARKET_STORE is a database, but pg8000 is not installed: install "
                "Tollgate with its extra `postgres`"
            )
        self._address = Address(url, schema, setting="TOLLGATE_MARKET_STORE")
        self._threads = threading.local()

    def __str__(self) -> str:
        return str(self._address)

    def transaction(self, work: Callable[[Connection], T]) -> T:
        """Run ``work``, all or nothing; StateError when that can't be.

        On a connection that turns out to be lost it is run once more on a new one, even where the
        first may have arrived: a part that is there twice counts once.
        """
        import pg8000.exceptions

        for again in (self._mine() is not None, False):
            try:
                return self._run(work)
            except pg8000.exceptions.DatabaseError as error:
                said = error.args[0] if error.args else {}
                text = said.get("M") if isinstance(said, dict) else said
                raise StateError(f"{self} refused ({text}). Nothing of it was kept.") from error
            except (pg8000.exceptions.InterfaceError, OSError) as error:
                self.close()
                if not again:
                    raise StateError(
                        f"{self} can't be reached ({error}). Check TOLLGATE_MARKET_STORE and that "
                        "the server runs."
                    ) from error
        raise AssertionError("the loop returns or raises")

    def close(self) -> None:
        """Let go of this thread's connection. Never raises."""
        import pg8000.exceptions

        raw, self._threads.open = self._mine(), None
        if raw is not None:
            try:
                raw.close()
            except (pg8000.exceptions.Error, OSError):
                return  # it was lost already

    def _mine(self) -> Any:
        """This thread's connection; a child process has none of its parent's."""
        pid, raw = getattr(self._threads, "open", None) or (0, None)
        return raw if pid == os.getpid() else None

    def _run(self, work: Callable[[Connection], T]) -> T:
        raw = self._mine()
        if raw is None:
            raw = self._connect()
            self._threads.open = (os.getpid(), raw)
        raw.run("BEGIN")
        try:
            result = work(Connection(raw))
        except BaseException:
            self._roll_back(raw)
            raise
        raw.run("COMMIT")
        return result

    def _roll_back(self, raw: Any) -> None:
        import pg8000.exceptions

        try:
            raw.run("ROLLBACK")
        except (pg8000.exceptions.Error, OSError):
            self.close()

    def _connect(self) -> Any:
        schema, raw = self._address.schema, self._address.connect(SILENT_S, "tollgate prices")
        # IF NOT EXISTS alone fails when two make it in the same moment.
        raw.run(
            f"BEGIN; SELECT pg_advisory_xact_lock(hashtext('{schema}')); "
            f"CREATE SCHEMA IF NOT EXISTS {schema}; COMMIT"
        )
        # Prices can be fetched again: losing the last moment in a power cut is no harm, and the
        # ledger has a setting of its own.
        raw.run(
            f"SET search_path TO {schema}, public; SET lock_timeout TO {BUSY_MS:d}; "
            "SET client_encoding TO 'UTF8'; SET synchronous_commit TO off"
        )
        return raw
