"""The tables of the store in PostgreSQL. Times are nanoseconds since 1970 UTC."""

from __future__ import annotations

from tools.market_data.store.postgres_link import Connection
from tools.market_data.store.series import FIGURES, Kind

VERSION = 1
MIGRATION_LOCK = 7_221_503
YEAR_NS = 366 * 86_400 * 10**9


def migrate(connection: Connection) -> bool:
    """Make what is missing; whether the tables are TimescaleDB's.

    Several processes may start at once: the first makes the tables, the others wait for it.
    """
    connection.run(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
    connection.run("CREATE TABLE IF NOT EXISTS version (number int PRIMARY KEY, hyper bool)")
    rows = connection.run("SELECT hyper FROM version WHERE number = :v", v=VERSION)
    if rows:
        _reports(connection)
        return bool(rows[0][0])
    hyper = bool(connection.run("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'"))
    connection.run(
        "CREATE TABLE series (id serial PRIMARY KEY, kind text NOT NULL, source text NOT NULL, "
        "symbol text NOT NULL, frame text NOT NULL, UNIQUE (kind, symbol, frame, source))"
    )
    connection.run(
        "CREATE TABLE parts (id bigserial PRIMARY KEY, series int NOT NULL REFERENCES series, "
        "span_start bigint, span_end bigint)"
    )
    connection.run("CREATE INDEX ON parts (series)")
    for kind in Kind:
        figures = ", ".join(f"{name} float8 NOT NULL" for name in FIGURES[kind])
        by_year = "" if hyper else "PARTITION BY RANGE (time)"
        connection.run(
            f"CREATE TABLE {kind} (series int NOT NULL, part bigint NOT NULL, n int NOT NULL, "
            "time bigint NOT NULL, known bigint NOT NULL, recorded bigint NOT NULL, "
            f"{figures}) {by_year}"
        )
        connection.run(f"CREATE INDEX ON {kind} (series, time)")
        if hyper:
            connection.run(
                f"SELECT create_hypertable('{kind}', 'time', chunk_time_interval => {YEAR_NS}, "
                "create_default_indexes => false)"
            )
    _reports(connection)
    connection.run("INSERT INTO version VALUES (:v, :hyper)", v=VERSION, hyper=hyper)
    return hyper


def _reports(connection: Connection) -> None:
    """A store that was made before there were reports gets the table as well."""
    connection.run(
        "CREATE TABLE IF NOT EXISTS reports (series int PRIMARY KEY REFERENCES series, "
        "body text NOT NULL)"
    )
