"""CSV and Parquet files as tables of text; what the text means is for ``rows``."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.domain.errors import DataUnavailable

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes: a century of daily bars takes three million; more is not a file of daily bars."""

LARGEST_TAPE = 512 * 1024 * 1024
"""Bytes of a file of shorter bars, trades or quotes: some ten million rows."""

SEPARATORS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Table:
    """A file as text: its name, its header and its rows with their numbers in the file."""

    name: str
    header: Sequence[str]
    rows: Sequence[tuple[int, Sequence[str]]]

    def fault(self, row: int | None, what: str) -> DataUnavailable:
        """The error for a row, or for the file as a whole."""
        where = f"{self.name}, row {row}" if row is not None else self.name
        return DataUnavailable(f"{where}: {what}")


def read_table(path: Path, largest: int = LARGEST_FILE) -> Table:
    """The file's table by its suffix; raises DataUnavailable naming the file and what to do."""
    try:
        size = path.stat().st_size
        if size > largest:
            raise DataUnavailable(
                f"{path.name}: {size >> 20} MiB is too large for such a file of one symbol; the "
                f"limit is {largest >> 20} MiB. Split it by year."
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
    # NumPy's moments have no zone: Arrow gives them in UTC where the column had one.
    zones = ["Z" if getattr(kind, "tz", None) else "" for kind in table.schema.types]
    cells = [
        [_text(value) + zone for value in column.to_numpy()]
        for column, zone in zip(table.columns, zones, strict=True)
    ]
    return Table(path.name, header, list(enumerate(zip(*cells, strict=True), start=1)))


def _header(name: str) -> str:
    """A nameless pandas index holds the dates."""
    return "date" if name == "__index_level_0__" else name


def _text(value: object) -> str:
    """NumPy's own text: 118.56 for a 32-bit 118.56, ISO 8601 for dates."""
    return str(value)
