"""Parts as rows of PostgreSQL: hypertables where TimescaleDB is there, else a table a year."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from tools.domain.errors import TradingError
from tools.domain.timeframe import Timeframe
from tools.market_data.columns import moment_of, nanoseconds
from tools.market_data.store.parts import Holding
from tools.market_data.store.postgres_link import Connection, Database
from tools.market_data.store.postgres_schema import migrate
from tools.market_data.store.postgres_wire import rows_from, wire, written
from tools.market_data.store.ranges import Span, joined
from tools.market_data.store.rows import Rows
from tools.market_data.store.series import FIGURES, Kind, Series

T = TypeVar("T")
PARTITIONS_LOCK = 7_221_504


class PostgresParts:
    """Implements ``Parts``. A part's rows and its span are put in one transaction."""

    def __init__(self, url: str, schema: str = "tollgate_market") -> None:
        """``postgresql://user:password@host:5432/name``; nothing is opened when made."""
        self._database = Database(url, schema)
        self._hyper: bool | None = None

    def __str__(self) -> str:
        return str(self._database)

    def put(self, series: Series, rows: Rows, covered: Span | None) -> None:
        """See ``Parts``."""

        def work(connection: Connection) -> None:
            mine = self._id(connection, series)
            if len(rows) and not self._hyper:
                self._make_tables(connection, series.kind, rows)
            part = connection.run(
                "INSERT INTO parts (series, span_start, span_end) "
                "VALUES (:series, :start, :end) RETURNING id",
                series=mine,
                start=None if covered is None else nanoseconds(covered.start),
                end=None if covered is None else nanoseconds(covered.end),
            )[0][0]
            if len(rows):
                names = ", ".join(FIGURES[series.kind])
                connection.run(
                    f"COPY {series.kind} (series, part, n, time, known, recorded, {names}) "
                    "FROM STDIN WITH (FORMAT binary)",
                    stream=written(mine, part, rows),
                )

        self._transaction(work)

    def load(self, series: Series, span: Span | None) -> Sequence[Rows]:
        """See ``Parts``."""
        within = "" if span is None else "AND time >= :start AND time < :end"
        limits = {} if span is None else _nanoseconds(span)
        mine = self._transaction(lambda connection: self._find(connection, series))
        if mine is None:
            return []
        # Each part comes back as one value: a row a message would take ten times as long.
        found = self._transaction(
            lambda connection: connection.run(
                f"SELECT string_agg({wire(series.kind)}, ''::bytea ORDER BY n) "  # noqa: S608
                f"FROM {series.kind} WHERE series = :series {within} GROUP BY part ORDER BY part",
                series=mine,
                **limits,
            )
        )
        return [rows_from(row[0], series.kind) for row in found]

    def covered(self, series: Series) -> tuple[Span, ...]:
        """See ``Parts``."""

        def work(connection: Connection) -> tuple[Span, ...]:
            rows = connection.run(
                "SELECT span_start, span_end FROM parts WHERE series = :series "
                "AND span_start IS NOT NULL",
                series=self._find(connection, series) or 0,
            )
            return joined(Span(moment_of(start), moment_of(end)) for start, end in rows)

        return self._transaction(work)

    def holdings(self) -> tuple[Holding, ...]:
        """See ``Parts``; nobody can say how much of the disk one series takes."""

        def work(connection: Connection) -> list[Holding]:
            found = []
            for kind in Kind:
                for source, symbol, frame, rows, parts in connection.run(
                    f"SELECT source, symbol, frame, "  # noqa: S608
                    f"(SELECT count(*) FROM {kind} r WHERE r.series = s.id), "
                    "(SELECT count(*) FROM parts p WHERE p.series = s.id) "
                    "FROM series s WHERE kind = :kind",
                    kind=str(kind),
                ):
                    if parts:
                        timeframe = Timeframe.parse(frame) if kind is Kind.BARS else None
                        series = Series(kind, source, symbol, timeframe)
                        found.append(Holding(series, rows, parts, None))
            return found

        return tuple(sorted(self._transaction(work), key=lambda one: one.series.order))

    def fold(self, series: Series) -> None:
        """Nothing to do: the database keeps its own order."""

    def keep_report(self, series: Series, report: bytes) -> None:
        """See ``Parts``."""

        def work(connection: Connection) -> None:
            connection.run(
                "INSERT INTO reports VALUES (:series, :body) "
                "ON CONFLICT (series) DO UPDATE SET body = excluded.body",
                series=self._id(connection, series),
                body=report.decode(),
            )

        self._transaction(work)

    def report(self, series: Series) -> bytes | None:
        """See ``Parts``."""
        rows = self._transaction(
            lambda connection: connection.run(
                "SELECT body FROM reports WHERE series = :series",
                series=self._find(connection, series) or 0,
            )
        )
        return str(rows[0][0]).encode() if rows else None

    def drop(self, series: Series) -> None:
        """See ``Parts``."""

        def work(connection: Connection) -> None:
            mine = self._find(connection, series) or 0
            connection.run(f"DELETE FROM {series.kind} WHERE series = :s", s=mine)  # noqa: S608
            connection.run("DELETE FROM parts WHERE series = :s", s=mine)
            connection.run("DELETE FROM reports WHERE series = :s", s=mine)

        self._transaction(work)

    def close(self) -> None:
        """Let go of this thread's connection."""
        self._database.close()

    def _transaction(self, work: Callable[[Connection], T]) -> T:
        if self._hyper is None:
            self._hyper = self._database.transaction(migrate)
        return self._database.transaction(work)

    def _find(self, connection: Connection, series: Series) -> int | None:
        rows = connection.run(
            "SELECT id FROM series WHERE kind = :kind AND source = :source "
            "AND symbol = :symbol AND frame = :frame",
            **_words(series),
        )
        return int(rows[0][0]) if rows else None

    def _id(self, connection: Connection, series: Series) -> int:
        found = self._find(connection, series)
        if found is not None:
            return found
        connection.run(
            "INSERT INTO series (kind, source, symbol, frame) "
            "VALUES (:kind, :source, :symbol, :frame) ON CONFLICT DO NOTHING",
            **_words(series),
        )
        made = self._find(connection, series)
        if made is None:
            raise TradingError(f"{series} could not be entered in {self}.")
        return made

    def _make_tables(self, connection: Connection, kind: Kind, rows: Rows) -> None:
        """The tables of the years that ``rows`` are of."""
        first, last = (moment_of(int(at)).year for at in (rows.time[0], rows.time[-1]))
        there = {
            row[0]
            for row in connection.run(
                "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
                "WHERE i.inhparent = CAST(:parent AS regclass)",
                parent=str(kind),
            )
        }
        wanted = [year for year in range(first, last + 1) if f"{kind}_{year}" not in there]
        if wanted:
            connection.run(f"SELECT pg_advisory_xact_lock({PARTITIONS_LOCK})")
        for year in wanted:
            start, end = (nanoseconds(datetime(y, 1, 1, tzinfo=UTC)) for y in (year, year + 1))
            connection.run(
                f"CREATE TABLE IF NOT EXISTS {kind}_{year} PARTITION OF {kind} "
                f"FOR VALUES FROM ({start}) TO ({end})"
            )


def _words(series: Series) -> dict[str, Any]:
    return {
        "kind": str(series.kind),
        "source": series.source,
        "symbol": series.symbol,
        "frame": series.frame,
    }


def _nanoseconds(span: Span) -> dict[str, Any]:
    return {"start": nanoseconds(span.start), "end": nanoseconds(span.end)}
