"""Searches the chunks in a LanceDB table; the index of record.

Importing lancedb takes one to three seconds, so it happens at the first use.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag_index.errors import BUILD, IndexCorrupt
from rag_index.rows import ROW_FIELDS, Facets, Hit, Row, Scope, Vector, row_from
from rag_index.words import plain_years

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow

DATABASE = "lancedb"
SEARCH_EF = 300  # the width of the walk through the graph: recall against time
REFINE = 3  # candidates per answer that are compared again with their exact vectors


class LanceStore:
    """A table opened for reading; any number of threads and processes may read one."""

    def __init__(self, folder: Path, name: str, rows: int, version: int) -> None:
        """Open the table as it was at `version`.

        Raises IndexCorrupt if it is not there or has another count of rows.
        """
        import lancedb

        try:
            self._table: Any = lancedb.connect(folder / DATABASE).open_table(name)
            self._table.checkout(version)
            count = self._table.count_rows()
            self._graph = any(str(i.index_type) == "IvfHnswSq" for i in self._table.list_indices())
            self._facets = _facets(self._table)
        except Exception as error:  # lancedb raises RuntimeError, ValueError and OSError
            raise IndexCorrupt(
                f"the knowledge index in {folder} can't be opened ({_first_line(error)}): {BUILD}"
            ) from error
        if count != rows:
            raise IndexCorrupt(
                f"the knowledge index in {folder} has {count} chunks instead of {rows}: {BUILD}"
            )

    def near(self, vector: Vector, scope: Scope, limit: int) -> list[Hit]:
        """Give the nearest rows: by an exact search, in a large table through a graph."""
        query = self._table.search(vector, query_type="vector").distance_type("dot")
        if self._graph:
            query = query.ef(max(SEARCH_EF, limit)).refine_factor(REFINE)
        return self._hits(query, vector, scope, limit)

    def matching(self, words: str, vector: Vector, scope: Scope, limit: int) -> list[Hit]:
        """Give the rows that hold any of the words, by LanceDB's own BM25."""
        import lancedb.query

        match: Any = lancedb.query.MatchQuery  # its optional arguments are typed as required
        query = self._table.search(match(plain_years(words), "words"), query_type="fts")
        return self._hits(query, vector, scope, limit)

    def facets(self) -> Facets:
        """Give the companies and tickers in the table."""
        return self._facets

    def rows(self) -> list[Row]:
        """Give every row, in no order; raises IndexCorrupt if they can't be read."""
        return [row_from(plain) for plain in self._read(self._table.to_arrow).to_pylist()]

    def _hits(self, query: Any, vector: Vector, scope: Scope, limit: int) -> list[Hit]:
        condition = _where(scope, self._facets.latest)
        chosen = query.where(condition, prefilter=True) if condition else query
        found = self._read(chosen.limit(limit).to_arrow)
        flat = found["vector"].combine_chunks().flatten().to_numpy()
        cosines = flat.reshape(len(found), len(vector)) @ vector
        said = found["_score"].to_pylist() if "_score" in found.column_names else [0.0] * len(found)
        rows = found.select([*ROW_FIELDS]).to_pylist()
        return [
            Hit(row_from(plain), float(cosine), float(words))
            for plain, cosine, words in zip(rows, cosines, said, strict=True)
        ]

    def _read(self, read: Callable[[], pyarrow.Table]) -> pyarrow.Table:
        try:
            return read()
        except Exception as error:  # a file under the open table was damaged or removed
            raise IndexCorrupt(
                f"the knowledge index can't be read ({_first_line(error)}): {BUILD}"
            ) from error


def _facets(table: Any) -> Facets:
    columns = ["company", "ticker", "known_at"]
    found = table.search().select(columns).limit(None).to_arrow()
    names = zip(*(found[name].to_pylist() for name in columns[:2]), strict=True)
    pairs = sorted({(company, ticker) for company, ticker in names if company})
    return Facets(tuple(pairs), max(found["known_at"].to_pylist(), default=None))


def _where(scope: Scope, latest: datetime | None) -> str:
    """Say in SQL what the scope asks; nothing that every row of the table fulfils anyway."""
    parts = []
    if latest is None or scope.as_of < latest:
        moment = scope.as_of.astimezone(UTC).replace(tzinfo=None)
        when = moment.isoformat(sep=" ", timespec="microseconds")
        parts.append(f"known_at <= TIMESTAMP '{when}+00:00'")
    for name in ("kind", "ticker", "document_kind"):
        value = getattr(scope, name)
        if value is not None:
            parts.append(f"{name} = {quoted(value)}")
    if scope.companies:
        parts.append(f"company IN ({', '.join(map(quoted, scope.companies))})")
    if scope.fiscal_years:
        parts.append(f"fiscal_year IN ({', '.join(str(int(y)) for y in scope.fiscal_years)})")
    return " AND ".join(parts)


def quoted(value: str) -> str:
    """Write a text as a literal of SQL."""
    return "'" + value.replace("'", "''") + "'"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
