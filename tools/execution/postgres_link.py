"""A connection to PostgreSQL: made when needed, made anew when lost, its errors as sentences."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tools.domain.errors import StateError
from tools.postgres import Address

Row = list[Any]
# How long the server may be silent, in seconds: longer than a lock may take.
SILENT_S = 10.0
# How long one process waits for another's transaction before it says so, in milliseconds.
BUSY_MS = 5_000
LOCK_NOT_AVAILABLE = "55P03"


def connected(address: Address) -> Any:
    """A new connection, in autocommit, with the schema as its search path."""
    connection = address.connect(SILENT_S, "tollgate")
    connection.run(
        f"SET search_path TO {address.schema}; SET synchronous_commit TO on; "
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
                self._open, self._pid = connected(self._address), os.getpid()
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
