"""CSV and Parquet files as tables of text; what the text means is for ``rows``."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from tools.domain.errors import DataUnavailable
from tools.market_data.feeds.rows import Table

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes: a century of daily bars takes three million; more is not a file of daily bars."""

SEPARATORS = ",;\t|"


def read_table(path: Path) -> Table:
    """The file's table by its suffix; raises DataUnavailable naming the file and what to do."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise DataUnavailable(
                f"{path.name}: {size >> 20} MiB is too large for daily bars of one symbol; the "
                f"limit is {LARGEST_FILE >> 20} MiB."
            )
        return _parquet(path) if path.suffix.lower() == ".parquet" else _csv(path)
    except OSError as error:
        raise DataUnavailable(
            f"{path.name}: can't be read ({error.strerror or error}); check its permissions."
        ) from None


def _csv(path: Path) -> Table:
    """Comma, semicolon, tab or bar between cells; UTF-8 or UTF-16 with a byte-order mark."""
    raw = path.read_bytes()
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        raise DataUnavailable(f"{path.name}: is not UTF-8 text; save it as CSV UTF-8.") from None
    if "\0" in text:
        raise DataUnavailable(f"{path.name}: is not text; save it as CSV UTF-8.")
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise DataUnavailable(f"{path.name}, row {reader.line_num}: {error}.") from None
    if not rows:
        raise DataUnavailable(f"{path.name}: is empty; the first line must name the columns.")
    return Table(path.name, rows[0][1], rows[1:])


def _parquet(path: Path) -> Table:
    """Every cell as text; a float as the shortest text that reads back to it, at its own width."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path).read()
    except (pa.ArrowException, ValueError) as error:
        raise DataUnavailable(
            f"{path.name}: is not a Parquet file that can be read ({str(error)[:100]})."
        ) from None
    header = [_header(name) for name in table.column_names]
    cells = [[_text(value) for value in column.to_numpy()] for column in table.columns]
    return Table(path.name, header, list(enumerate(zip(*cells, strict=True), start=1)))


def _header(name: str) -> str:
    """A nameless pandas index holds the dates."""
    return "date" if name == "__index_level_0__" else name


def _text(value: object) -> str:
    """NumPy's own text: 118.56 for a 32-bit 118.56, ISO 8601 for dates."""
    return str(value)
