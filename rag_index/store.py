"""Keeps the chunks in a LanceDB table with a full-text index; the index of record.

Importing lancedb takes one to three seconds, so it happens at the first use.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rag_index.errors import BUILD, IndexCorrupt, KnowledgeIndexError
from rag_index.rows import ROW_FIELDS, Hit, Row, Scope, Vector, row_from

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    import pyarrow

DATABASE = "lancedb"
_KEEP_VERSIONS_FOR = timedelta(minutes=1)


def write_table(folder: Path, name: str, rows: Sequence[Row], vectors: Vector) -> None:
    """Write a whole table under a new name, with its full-text index, compacted.

    Raises KnowledgeIndexError if it can't be written.
    """
    import lancedb
    from lancedb.index import FTS

    try:
        database = lancedb.connect(folder / DATABASE)
        if name in database.list_tables().tables:
            database.drop_table(name)
        table = database.create_table(name, _arrow(rows, vectors))
        table.create_index("indexed", config=FTS(with_position=False, language="English"))
        table.optimize(cleanup_older_than=_KEEP_VERSIONS_FOR)
    except Exception as error:  # lancedb raises RuntimeError, ValueError and OSError
        raise KnowledgeIndexError(
            f"the knowledge index can't be written to {folder} ({_first_line(error)}): "
            "check the permissions and the free space"
        ) from error


def drop_tables(folder: Path, keep: Collection[str]) -> None:
    """Remove every table but those named."""
    import lancedb

    database = lancedb.connect(folder / DATABASE)
    for name in database.list_tables().tables:
        if name not in keep:
            database.drop_table(name)


class LanceStore:
    """A table opened for reading; any number of threads and processes may read one."""

    def __init__(self, folder: Path, name: str, rows: int) -> None:
        """Open the table; raises IndexCorrupt if it is not there or has another count of rows."""
        import lancedb

        try:
            self._table: Any = lancedb.connect(folder / DATABASE).open_table(name)
            count = self._table.count_rows()
        except Exception as error:  # lancedb raises RuntimeError, ValueError and OSError
            raise IndexCorrupt(
                f"the knowledge index in {folder} can't be opened ({_first_line(error)}): {BUILD}"
            ) from error
        if count != rows:
            raise IndexCorrupt(
                f"the knowledge index in {folder} has {count} chunks instead of {rows}: {BUILD}"
            )

    def near(self, vector: Vector, scope: Scope, limit: int) -> list[Hit]:
        """Give the nearest rows by an exact search."""
        query = self._table.search(vector, query_type="vector").distance_type("dot")
        return self._hits(query, vector, scope, limit)

    def matching(self, words: str, vector: Vector, scope: Scope, limit: int) -> list[Hit]:
        """Give the rows that hold any of the words, by LanceDB's own BM25."""
        import lancedb.query

        match: Any = lancedb.query.MatchQuery  # its optional arguments are typed as required
        query = self._table.search(match(words, "indexed"), query_type="fts")
        return self._hits(query, vector, scope, limit)

    def rows(self) -> list[Row]:
        """Give every row, in no order; raises IndexCorrupt if they can't be read."""
        return [row_from(plain) for plain in self._read(lambda: self._table.to_arrow().to_pylist())]

    def _hits(self, query: Any, vector: Vector, scope: Scope, limit: int) -> list[Hit]:
        chosen = query.where(_where(scope), prefilter=True).limit(limit)
        return [
            Hit(row_from(plain), float(np.dot(np.asarray(plain["vector"], np.float32), vector)))
            for plain in self._read(chosen.to_list)
        ]

    def _read(self, read: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
        try:
            return read()
        except Exception as error:  # a file under the open table was damaged or removed
            raise IndexCorrupt(
                f"the knowledge index can't be read ({_first_line(error)}): {BUILD}"
            ) from error


def _where(scope: Scope) -> str:
    moment = scope.as_of.astimezone(UTC).replace(tzinfo=None)
    when = moment.isoformat(sep=" ", timespec="microseconds")
    kind = "" if scope.kind is None else " AND kind = '" + scope.kind.replace("'", "''") + "'"
    return f"known_at <= TIMESTAMP '{when}+00:00'{kind}"


def _arrow(rows: Sequence[Row], vectors: Vector) -> pyarrow.Table:
    import pyarrow

    kinds = {name: pyarrow.string() for name in ROW_FIELDS}
    kinds |= {"start": pyarrow.int64(), "end": pyarrow.int64()}
    kinds["known_at"] = pyarrow.timestamp("us", tz="UTC")
    columns = {n: pyarrow.array([getattr(r, n) for r in rows], k) for n, k in kinds.items()}
    flat = pyarrow.array(np.ascontiguousarray(vectors, np.float32).ravel())
    columns["vector"] = pyarrow.FixedSizeListArray.from_arrays(flat, vectors.shape[1])
    return pyarrow.table(columns)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
