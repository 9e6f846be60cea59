"""A person's own SQL over their prices, by DuckDB: reads, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tools.domain.errors import ConfigError, InputError
from tools.market_data.store.bucket import BucketFiles
from tools.market_data.store.files import LocalFiles
from tools.market_data.store.series import FIGURES, Kind


@dataclass(frozen=True, slots=True)
class Answer:
    """The names of the columns, and the rows; ``more`` says that there were more than asked for."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    more: bool


def query(files: LocalFiles | BucketFiles, statement: str, limit: int = 1000) -> Answer:
    """The first ``limit`` rows of one SELECT over the tables bars, trades and quotes.

    Their columns are source, frame, symbol, time, known, recorded and the figures; ``bars`` has the
    last version of each bar and ``bars_versions`` all of them. Times are shown in UTC. Raises
    InputError for anything but one SELECT, and with DuckDB's own words for one that fails.
    """
    import duckdb

    with duckdb.connect() as db:
        if isinstance(files, BucketFiles):
            system, root = files.filesystem
            db.register_filesystem(system)
            root = f"s3://{root}"
        else:
            root = str(files.root.resolve())
        try:
            db.execute("SET TimeZone='UTC'")
            for kind in Kind:
                _view(db, kind, root, bool(files.folders(kind)))
            if isinstance(files, LocalFiles):
                # The views must go on reading there; nothing else of the machine may be read.
                db.execute(f"SET allowed_directories=[{_text(root + '/')}]")
                db.execute("SET enable_external_access=false")
            db.execute("SET lock_configuration=true")
            found = db.execute(_only(db.extract_statements(statement), duckdb))
            rows = found.fetchmany(limit + 1)
            columns = tuple(str(row[0]) for row in found.description or ())
        except duckdb.Error as error:
            raise InputError(f"DuckDB can't answer: {str(error).strip()[:500]}") from None
    return Answer(columns, tuple(rows[:limit]), len(rows) > limit)


def _only(statements: Sequence[Any], duckdb: Any) -> Any:
    """The one statement, if it only reads."""
    reading = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
    if len(statements) != 1 or statements[0].type not in reading:
        raise InputError("Give one SELECT: prices can be read here and not be changed.")
    return statements[0]


def _view(db: Any, kind: Kind, root: str, there: bool) -> None:
    """A kind's table; empty where nothing is kept."""
    names = ["source", "frame", "symbol", "time", "known", "recorded", *FIGURES[kind]]
    columns = ", ".join(names)
    if there:
        pattern = _text(f"{root}/{kind}/*/*/*/*.parquet")
        rows = (
            f"SELECT {columns} FROM read_parquet({pattern}, hive_partitioning=true, "  # noqa: S608
            "hive_types_autocast=false)"
        )
    else:
        types = dict.fromkeys(names, "DOUBLE") | dict.fromkeys(names[:3], "VARCHAR")
        types |= dict.fromkeys(names[3:6], "TIMESTAMPTZ")
        empty = ", ".join(f"NULL::{types[name]} AS {name}" for name in names)
        rows = f"SELECT {empty} WHERE false"
    if kind is not Kind.BARS:
        db.execute(f"CREATE VIEW {kind} AS {rows}")
        return
    db.execute(f"CREATE VIEW bars_versions AS {rows}")
    db.execute(
        "CREATE VIEW bars AS SELECT * FROM bars_versions QUALIFY row_number() OVER "
        "(PARTITION BY source, frame, symbol, time ORDER BY recorded DESC, known DESC) = 1"
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def files_of(parts: object) -> LocalFiles | BucketFiles:
    """Where Parquet files lie; raises ConfigError for a store that has none."""
    files = getattr(parts, "files", None)
    if isinstance(files, LocalFiles | BucketFiles):
        return files
    raise ConfigError(
        "TOLLGATE_MARKET_STORE is a database: ask it by its own SQL, in the schema tollgate_market"
    )
