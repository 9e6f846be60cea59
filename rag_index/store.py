"""Searches the chunks in a LanceDB table; the index of record.

Importing lancedb takes one to three seconds, so it happens at the first use.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag_index.errors import BUILD, IndexCorrupt
from rag_index.rows import Facets, Hit, Row, Scope, Vector, row_from
from rag_index.words import plain_years

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow

DATABASE = "lancedb"
SEARCH_EF = 200  # the width of the walk through the graph: recall against time
SPARE = 10  # candidates beyond those asked for: the graph's distances are rounded, cosines exact
RECENT = 200  # rows kept from the last searches: a question's two rankings share many
_Read = tuple[Row, Vector]


class LanceStore:
    """A table opened for reading; any number of threads and processes may read one."""

    def __init__(self, folder: Path, name: str, rows: int, version: int) -> None:
        """Open the table as it was at `version`.

        Raises IndexCorrupt if it is not there or has another count of rows.
        """
        self._recent: dict[int, _Read] = {}
        try:
            self._table: Any = _connected(folder / DATABASE).open_table(name)
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
            query = query.ef(max(SEARCH_EF, limit))
        found = self._found(query, ["_distance"], scope, limit + SPARE)
        hits = self._hits(found["_rowid"].to_pylist(), [0.0] * len(found), vector, scope)
        return sorted(hits, key=lambda hit: -hit.cosine)[:limit]

    def matching(self, words: str, vector: Vector, scope: Scope, limit: int) -> list[Hit]:
        """Give the rows that hold any of the words, by LanceDB's own BM25."""
        import lancedb.query

        match: Any = lancedb.query.MatchQuery  # its optional arguments are typed as required
        query = self._table.search(match(plain_years(words), "words"), query_type="fts")
        found = self._found(query, ["_score"], scope, limit)
        return self._hits(found["_rowid"].to_pylist(), found["_score"].to_pylist(), vector, scope)

    def facets(self) -> Facets:
        """Give the companies and tickers in the table."""
        return self._facets

    def rows(self) -> list[Row]:
        """Give every row, in no order; raises IndexCorrupt if they can't be read."""
        found = self._read(self._table.search().select(["row"]).limit(None).to_arrow)
        return [row_from(json.loads(plain)) for plain in found["row"].to_pylist()]

    def _found(self, query: Any, columns: list[str], scope: Scope, limit: int) -> pyarrow.Table:
        """Search for row ids only: reading rows takes longer than finding them."""
        condition = _where(scope, self._facets.latest)
        chosen = query.where(condition, prefilter=True) if condition else query
        return self._read(chosen.select(columns).with_row_id(True).limit(limit).to_arrow)

    def _hits(
        self, ids: Sequence[int], words: Sequence[float], vector: Vector, scope: Scope
    ) -> list[Hit]:
        """The rows as hits, without those that were corrected by then, for which is no column."""
        rows = self._rows(ids)
        return [
            Hit(row, float(its @ vector), said, its)
            for (row, its), said in zip((rows[one] for one in ids), words, strict=True)
            if scope.allows(row)
        ]

    def _rows(self, ids: Sequence[int]) -> dict[int, _Read]:
        """Read rows with their vectors, those that were not read just before."""
        recent = self._recent  # replaced whole, never changed: threads may share it
        kept = {one: recent[one] for one in ids if one in recent}
        missing = [one for one in ids if one not in kept]
        if missing:
            taken = self._table.take_row_ids(missing).with_row_id().select(["row", "vector"])
            found = self._read(taken.to_arrow)
            vectors = found["vector"].combine_chunks().flatten().to_numpy().reshape(len(found), -1)
            columns = (found["_rowid"].to_pylist(), found["row"].to_pylist(), vectors)
            for one, plain, vector in zip(*columns, strict=True):
                kept[one] = (row_from(json.loads(plain)), vector)
            self._recent = recent | kept if len(recent) + len(missing) <= RECENT else kept
        return kept

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
    groups = found.group_by(columns[:2]).aggregate([("known_at", "max")]).to_pylist()
    pairs = sorted({(one["company"], one["ticker"]) for one in groups if one["company"]})
    return Facets(tuple(pairs), max((one["known_at_max"] for one in groups), default=None))


@lru_cache(maxsize=4)
def _connected(database: Path) -> Any:
    """Connect once: a connection keeps what it has read of the indexes for the next version."""
    import lancedb

    return lancedb.connect(database)


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
