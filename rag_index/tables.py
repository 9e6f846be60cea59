"""Writes LanceDB tables: whole ones, and small updates with the upkeep that keeps them fast."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rag_index.errors import KnowledgeIndexError
from rag_index.rows import Row, Vector, row_from
from rag_index.snapshot import MOST_ROWS
from rag_index.store import DATABASE, quoted
from rag_index.words import plain_years

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pyarrow

# A version that a reader may still have open stays this long; never zero, or it would lose files.
KEEP_VERSIONS_FOR = timedelta(minutes=2)
MOST_GRAPHS = 8  # each compaction adds a small graph, and every graph is searched
SMALL = 2_000  # rows: smaller parts of a table are joined first, which takes no new graph of all
# What a search narrows by. The whole row is one column of JSON: reading fifty rows by many columns
# took longer than finding them.
_NARROWED = ("document", "kind", "company", "ticker", "document_kind")


def write_table(folder: Path, name: str, rows: Sequence[Row], vectors: Vector) -> int:
    """Write a whole table under a new name, indexed and compacted; give its version.

    Raises KnowledgeIndexError if it can't be written.
    """
    import lancedb
    from lancedb.index import FTS

    try:
        database = lancedb.connect(folder / DATABASE)
        if name in database.list_tables().tables:
            database.drop_table(name)
        table: Any = database.create_table(name, _arrow(rows, vectors))
        table.create_index("words", config=FTS(with_position=False, language="English"))
        return compact(table)
    except Exception as error:  # lancedb raises RuntimeError, ValueError and OSError
        raise not_written(folder, error) from error


def open_at(folder: Path, name: str, version: int) -> Any:
    """Open a table for writing as it was at `version`, dropping what a killed writer left."""
    import lancedb

    table: Any = lancedb.connect(folder / DATABASE).open_table(name)
    if table.version != version:
        table.checkout(version)
        table.restore()
    return table


def replace_documents(
    table: Any, documents: Sequence[str], rows: Sequence[Row], vectors: Vector | None
) -> int:
    """Put these rows in the place of the documents'; give how many rows were there."""
    condition = _of(documents)
    former = int(table.count_rows(condition))
    if former:
        table.delete(condition)
    if rows and vectors is not None:
        table.add(_arrow(rows, vectors))
    return former


def contents(table: Any) -> tuple[list[Row], Vector]:
    """Give every row with its vector, ordered by document and place."""
    whole = table.search().select(["row", "vector"]).limit(None).to_arrow()
    vectors = whole["vector"].combine_chunks()
    flat = np.asarray(vectors.flatten().to_numpy(), np.float32)
    rows = [row_from(json.loads(plain)) for plain in whole["row"].to_pylist()]
    order = sorted(range(len(rows)), key=lambda n: (rows[n].document, rows[n].start))
    return [rows[n] for n in order], flat.reshape(len(rows), vectors.type.list_size)[order]


def compact(table: Any) -> int:
    """Join the fragments that small updates leave, bring the indexes up to date, drop old versions.

    Above MOST_ROWS rows it makes the graph through which the table is searched. Gives the version.
    """
    from lancedb.index import BTree

    names = {column for index in table.list_indices() for column in index.columns}
    if "vector" not in names and table.count_rows() > MOST_ROWS:
        table.create_index("vector", config=_graph())
        for column in ("document", "company", "fiscal_year", "known_at"):
            table.create_index(column, config=BTree())
    elif "vector" in names and table.index_stats("vector_idx").num_indices > MOST_GRAPHS:
        _join_graphs(table)
    table.optimize(cleanup_older_than=KEEP_VERSIONS_FOR)
    table.checkout_latest()
    return int(table.version)


def _join_graphs(table: Any) -> None:
    """Write the rows of small fragments anew, so that one graph covers them all.

    Where most fragments are not small any more, make one graph of the whole table instead.
    """
    import pyarrow.compute

    found = table.search().select(["document"]).with_row_id(True).limit(None).to_arrow()
    fragments = found["_rowid"].to_numpy() >> 32  # the upper half of a row's address
    numbers, sizes = np.unique(fragments, return_counts=True)
    small = numbers[sizes < SMALL]
    if 2 * len(small) <= len(numbers):
        table.create_index("vector", config=_graph(), replace=True)
        return
    inside = pyarrow.array(np.isin(fragments, small))
    documents = pyarrow.compute.unique(found["document"].filter(inside)).to_pylist()
    condition = _of(documents)
    rows = table.search().where(condition).select(table.schema.names).limit(None).to_arrow()
    table.delete(condition)
    table.add(rows)


def _of(documents: Sequence[str]) -> str:
    return f"document IN ({', '.join(map(quoted, documents))})"


def _graph() -> Any:
    from lancedb.index import HnswSq

    return HnswSq(distance_type="dot", num_partitions=1, m=16, ef_construction=100)


def drop_tables(folder: Path, keep: Collection[str]) -> None:
    """Remove every table but those named."""
    import lancedb

    database = lancedb.connect(folder / DATABASE)
    for name in database.list_tables().tables:
        if name not in keep:
            database.drop_table(name)


def not_written(folder: Path, error: Exception) -> KnowledgeIndexError:
    """Say that the index can't be written."""
    line = (str(error).splitlines() or [type(error).__name__])[0][:200]
    return KnowledgeIndexError(
        f"the knowledge index can't be written to {folder} ({line}): "
        "check the permissions and the free space"
    )


def _arrow(rows: Sequence[Row], vectors: Vector) -> pyarrow.Table:
    import pyarrow

    kinds = {name: pyarrow.string() for name in _NARROWED}
    kinds |= {"fiscal_year": pyarrow.int64(), "known_at": pyarrow.timestamp("us", tz="UTC")}
    columns = {n: pyarrow.array([getattr(r, n) for r in rows], k) for n, k in kinds.items()}
    plain = [json.dumps(row.plain(), ensure_ascii=False) for row in rows]
    columns["row"] = pyarrow.array(plain, pyarrow.string())
    columns["words"] = pyarrow.array([plain_years(row.indexed) for row in rows], pyarrow.string())
    flat = pyarrow.array(np.ascontiguousarray(vectors, np.float32).ravel())
    columns["vector"] = pyarrow.FixedSizeListArray.from_arrays(flat, vectors.shape[1])
    return pyarrow.table(columns)
