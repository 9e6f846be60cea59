"""The journal's rows in PostgreSQL: the lock on the head row is the writer's turn."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence

from tools.domain.errors import StateError
from tools.execution.chain import Row
from tools.execution.postgres_link import Link, Links
from tools.execution.postgres_schema import INSERT, SCHEMA
from tools.execution.store import End, HeadRow, LeaseRow
from tools.postgres import Address

COLUMNS = "SELECT seq, at, kind, order_id, data, previous, hash FROM events"
ENDS = """
SELECT head.seq, head.hash, head.seal, last.* FROM head LEFT JOIN
    (SELECT seq, at, kind, order_id, data, previous, hash FROM events ORDER BY seq DESC LIMIT 1)
    AS last ON true
"""
LEASE = "SELECT token, holder, until, seconds FROM lease"
NAMES = ("seq", "at", "kind", "order_id", "data", "previous", "hash")


class PostgresStore:
    """Implements ``tools.execution.store.Store`` in one schema of a database."""

    def __init__(self, address: Address) -> None:
        """Open it, and make the tables where there are none."""
        self._address = address
        self._readers = Links(address)
        self._writer = Link(address)
        self._make()

    @property
    def where(self) -> str:
        """The database's name and host."""
        return str(self._address)

    def ends(self) -> tuple[End | None, Row | None]:
        """The head and the last event, as of one moment."""
        found = self._readers.get().run(ENDS)
        if not found:
            return None, None
        seq, own, seal, *last = found[0]
        return End(seq, own, seal), None if last[0] is None else _row(last)

    def read(self, order_id: str | None, after: int) -> Sequence[Row]:
        """The committed rows above ``after``, or one order's, oldest first."""
        return _rows(self._readers.get(), order_id, after)

    def lease_now(self) -> LeaseRow:
        """The lease as last committed."""
        return LeaseRow(*self._readers.get().run(LEASE)[0])

    def presence(self, token: int) -> SessionPresence | None:
        """The server's lock that ``token``'s holder keeps while it lives; None when it does."""
        link = Link(self._address)
        name = f"{self._address.schema} lease {token:d}".encode()
        key = int.from_bytes(hashlib.sha256(name).digest()[:8], "big", signed=True)
        try:
            [[mine]] = link.run("SELECT pg_try_advisory_lock(:key)", key=key)
        except StateError:
            link.close()
            raise
        if not mine:
            link.close()
            return None
        return SessionPresence(link)

    def begin(self) -> End:
        """Lock the head row; where the journal ends."""
        self._writer.run("BEGIN")
        try:
            [end] = self._writer.run("SELECT seq, hash, seal FROM head FOR UPDATE")
        except BaseException:
            self.rollback()
            raise
        return End(*end)

    def select(self, order_id: str | None, after: int) -> Sequence[Row]:
        """Like ``read``, by the writer."""
        return _rows(self._writer, order_id, after)

    def lease(self) -> LeaseRow:
        """The lease, by the writer."""
        return LeaseRow(*self._writer.run(LEASE)[0])

    def last_head(self) -> HeadRow | None:
        """The newest published head, by the writer; None before the first."""
        rows = self._writer.run("SELECT n, line, peaks FROM heads ORDER BY n DESC LIMIT 1")
        return HeadRow(*rows[0]) if rows else None

    def hashes(self, after: int) -> Iterator[str]:
        """Every event's hash above ``after``, oldest first, by the writer."""
        every = "SELECT hash FROM events WHERE seq > :after ORDER BY seq"
        return (own for (own,) in self._writer.run(every, after=after))

    def commit(
        self,
        rows: Sequence[Row],
        seal: str = "",
        lease: LeaseRow | None = None,
        heads: Sequence[HeadRow] = (),
    ) -> None:
        """Write all of it and COMMIT; the server has it on its disk on return."""
        writer = self._writer
        try:
            if rows:
                writer.run(
                    INSERT, rows=json.dumps([dict(zip(NAMES, r, strict=True)) for r in rows])
                )
                writer.run(
                    "UPDATE head SET seq = :seq, hash = :own, seal = :seal",
                    seq=rows[-1][0],
                    own=rows[-1][6],
                    seal=seal,
                )
            elif seal:
                writer.run("UPDATE head SET seal = :seal", seal=seal)
            if lease is not None:
                writer.run(
                    "UPDATE lease SET token = :token, holder = :holder, until = :until, "
                    "seconds = :seconds",
                    token=lease.token,
                    holder=lease.holder,
                    until=lease.until,
                    seconds=lease.seconds,
                )
            for head in heads:
                writer.run(
                    "INSERT INTO heads VALUES (:n, :line, :peaks)",
                    n=head.n,
                    line=head.line,
                    peaks=head.peaks,
                )
            writer.run("COMMIT")
        except BaseException:
            self.rollback()
            raise

    def rollback(self) -> None:
        """End the writer's turn with nothing written."""
        try:
            self._writer.run("ROLLBACK")
        except StateError:
            self._writer.close()  # the server rolls back what a closed connection left

    def close(self) -> None:
        """Close this thread's connection and the writer's."""
        self._readers.get().close()
        self._writer.close()

    def _make(self) -> None:
        schema = self._address.schema
        there = "SELECT count(*) FROM pg_tables WHERE schemaname = :schema AND tablename = 'events'"
        if self._writer.run(there, schema=schema)[0][0]:
            return
        # One maker at a time; the second finds it made.
        self._writer.run("BEGIN")
        try:
            self._writer.run("SELECT pg_advisory_xact_lock(hashtext(:name))", name=schema)
            if not self._writer.run(there, schema=schema)[0][0]:
                self._writer.run(f"CREATE SCHEMA IF NOT EXISTS {schema}")
                self._writer.run(SCHEMA)
            self._writer.run("COMMIT")
        except BaseException:
            self.rollback()
            raise


class SessionPresence:
    """A lock of the server that ends with its connection; implements ``store.Presence``."""

    def __init__(self, link: Link) -> None:
        """The lock is held by this connection."""
        self._link = link

    def end(self) -> None:
        """Close the connection."""
        self._link.close()


def _rows(link: Link, order_id: str | None, after: int) -> list[Row]:
    if order_id is None:
        rows = link.run(f"{COLUMNS} WHERE seq > :after ORDER BY seq", after=after)
    else:
        rows = link.run(
            f"{COLUMNS} WHERE order_id = :order_id AND seq > :after ORDER BY seq",
            order_id=order_id,
            after=after,
        )
    return [_row(row) for row in rows]


def _row(row: Sequence[object]) -> Row:
    return tuple(row)  # type: ignore[return-value]
