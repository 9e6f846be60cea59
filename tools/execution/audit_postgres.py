"""The verifier's reading of a journal in PostgreSQL: the same checks, through its own query."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.domain.errors import StateError
from tools.execution.audit_source import COLUMNS, GUARDS, LATER_GUARDS, Row, Unreadable
from tools.execution.postgres_link import connected
from tools.postgres import Address

# The primary key of the heads refuses two of a number; the server has no cheap trigger for more.
WANTED = (GUARDS | LATER_GUARDS) - {"heads_have_no_gap"}
ROWS_AT_ONCE = 5_000


class PostgresSource:
    """Implements ``audit_source.Source`` on a schema, in one read-only snapshot of it."""

    def __init__(self, address: Address) -> None:
        """StateError when the database can't be reached."""
        import pg8000.exceptions

        self._schema = address.schema
        try:
            self._connection = connected(address)
        except (pg8000.exceptions.Error, OSError) as error:
            raise StateError(
                f"{address} can't be reached ({error}). Check DATABASE_URL and that the server runs"
            ) from error
        self._ask("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def rows(self) -> Iterator[Row]:
        """Every event, by seq."""
        self._ask(f"DECLARE audit NO SCROLL CURSOR FOR {COLUMNS} ORDER BY seq")
        while rows := self._ask(f"FETCH {ROWS_AT_ONCE:d} FROM audit"):
            yield from (tuple(row) for row in rows)

    def counted(self) -> Row | None:
        """The row beside the events."""
        rows = self._ask("SELECT seq, hash, seal FROM head")
        return tuple(rows[0]) if rows else None

    def heads(self) -> list[str]:
        """The lines of the published heads."""
        return [str(line) for (line,) in self._ask("SELECT line FROM heads ORDER BY n")]

    def faults(self) -> Iterator[str]:
        """Guards that were removed or switched off."""
        found = self._ask(
            "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN "
            "pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = :schema AND "
            "tgenabled IN ('O', 'A')",
            schema=self._schema,
        )
        for guard in sorted(WANTED - {name for (name,) in found}):
            yield f"The guard {guard} was removed from the database."

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _ask(self, query: str, **values: str) -> list[Any]:
        import pg8000.exceptions

        try:
            return self._connection.run(query, **values) or []
        except (pg8000.exceptions.Error, OSError) as error:
            raise Unreadable(str(error)) from error
