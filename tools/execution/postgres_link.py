"""A connection to PostgreSQL: made when needed, made anew when lost, its errors as sentences."""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tools.domain.errors import ConfigError, StateError

Row = list[Any]
# How long the server may be silent, in seconds: longer than a lock may take.
SILENT_S = 10.0
# How long one process waits for another's transaction before it says so, in milliseconds.
BUSY_MS = 5_000
LOCK_NOT_AVAILABLE = "55P03"
PORT = 5432


class Address:
    """Where a database is, from its URL: ``postgresql://user:password@host:port/name``.

    ``?sslmode=require`` asks for TLS with a checked certificate. Raises ConfigError, without the
    password, for what is no such URL.
    """

    def __init__(self, url: str, schema: str) -> None:
        """``schema`` is where the ledger's tables are."""
        parts = urlsplit(url)
        try:
            port = parts.port or PORT
        except ValueError:
            port = 0
        if parts.scheme not in ("postgresql", "postgres") or not parts.hostname or not port:
            raise ConfigError(
                "DATABASE_URL is no PostgreSQL address; it looks like "
                "postgresql://user:password@host:5432/name"
            )
        if not schema.isidentifier() or not schema.isascii() or schema != schema.lower():
            raise ConfigError(f"{schema!r} is no plain name for a schema")
        self.schema = schema
        self.name = unquote(parts.path.lstrip("/")) or "postgres"
        self.host, self.port = parts.hostname, port
        self.user = unquote(parts.username or "postgres")
        self._password = None if parts.password is None else unquote(parts.password)
        self._tls = parse_qs(parts.query).get("sslmode", [""])[0].startswith(("require", "verify"))

    def __str__(self) -> str:
        return f"the database {self.name} on {self.host}:{self.port} (schema {self.schema})"

    def connect(self) -> Any:
        """A new connection, in autocommit, with the schema as its search path."""
        import pg8000.native

        connection = pg8000.native.Connection(
            self.user,
            host=self.host,
            port=self.port,
            database=self.name,
            password=self._password,
            ssl_context=ssl.create_default_context() if self._tls else None,
            timeout=SILENT_S,
            application_name="tollgate",
        )
        connection.run(
            f"SET search_path TO {self.schema}; SET synchronous_commit TO on; "
            f"SET lock_timeout TO {BUSY_MS:d}; SET client_encoding TO 'UTF8'; "
            "SET default_transaction_isolation TO 'read committed'"
        )
        return connection


class Link:
    """One connection for one thread at a time; a child process gets one of its own."""

    def __init__(self, address: Address) -> None:
        """Nothing is opened when made."""
        self._address = address
        self._open: Any = None
        self._pid = 0

    def run(self, statement: str, **values: object) -> list[Row]:
        """The rows that a statement gives; StateError when it can't be run."""
        with self.sentences():
            if self._open is None or self._pid != os.getpid():
                self._open, self._pid = self._address.connect(), os.getpid()
            return self._open.run(statement, **values) or []

    @contextmanager
    def sentences(self) -> Iterator[None]:
        """Turn what the server, the driver and the network say into a StateError."""
        import pg8000.exceptions

        try:
            yield
        except pg8000.exceptions.DatabaseError as error:
            said: Any = error.args[0] if error.args else {}
            code, text = (said.get("C"), said.get("M")) if isinstance(said, dict) else ("", said)
            if code == LOCK_NOT_AVAILABLE:
                raise StateError(
                    f"{self._address} is held by another process for more than "
                    f"{BUSY_MS // 1000} s; wait for it or stop it, then try again"
                ) from error
            raise StateError(f"{self._address} refused ({text}); nothing is sent") from error
        except (pg8000.exceptions.InterfaceError, OSError) as error:
            self.close()
            raise StateError(
                f"{self._address} can't be reached ({error}); nothing is sent. Check DATABASE_URL "
                "and that the server runs"
            ) from error

    def close(self) -> None:
        """Close it; the next statement opens another. Never raises."""
        import pg8000.exceptions

        connection, self._open = self._open, None
        if connection is not None and self._pid == os.getpid():
            try:
                connection.close()
            except (pg8000.exceptions.Error, OSError):
                return  # it was lost already


class Links:
    """A ``Link`` for each thread."""

    def __init__(self, address: Address) -> None:
        """Nothing is opened when made."""
        self._address = address
        self._threads = threading.local()

    def get(self) -> Link:
        """This thread's."""
        mine: Link | None = getattr(self._threads, "link", None)
        if mine is None:
            mine = self._threads.link = Link(self._address)
        return mine
