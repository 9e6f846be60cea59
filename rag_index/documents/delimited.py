"""Reads CSV: one table, whose first row is the header of every part it is cut into."""

from __future__ import annotations

import csv
import io

from rag_index.documents.canonical import Canonical, Writer
from rag_index.documents.encoding import decode
from rag_index.documents.errors import DocumentRefused

MOST_ROWS = 100_000
_LARGEST_CELL = 100_000


def read_csv(raw: bytes, name: str) -> Canonical:
    """Read rows parted by comma, semicolon, tab or bar; raises DocumentRefused if they are none."""
    text = decode(raw, name)[0]
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:20_000], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    csv.field_size_limit(_LARGEST_CELL)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), dialect):
            rows.append(row)
            if len(rows) > MOST_ROWS:
                raise DocumentRefused(
                    f"{name}: it has more than {MOST_ROWS:,} rows, which is data and no text: "
                    "add a summary of it instead"
                )
    except csv.Error as error:
        raise DocumentRefused(
            f"{name}: its rows can't be read ({error}): save it as CSV again"
        ) from error
    writer = Writer()
    writer.table(rows)
    return writer.done()
