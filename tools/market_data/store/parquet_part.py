"""One part as a Parquet file, and its name, which says what it covers."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.domain.errors import StateError
from tools.market_data.store.ranges import Span
from tools.market_data.store.rows import Rows
from tools.market_data.store.series import FIGURES, Kind

if TYPE_CHECKING:
    import pyarrow as pa

SIZES = frozenset({"volume", "size", "bid_size", "ask_size"})
TIMES = ("time", "known", "recorded")
_MOMENT = "%Y%m%dT%H%M%S%f"
_NAME = re.compile(r"(\d{8}T\d{12})-(\d{8}T\d{12})-(asked|heard)-([0-9a-f]{16})\.parquet")


@dataclass(frozen=True, slots=True)
class PartName:
    """``span`` holds every row; ``asked`` says that the feed was asked for all of it."""

    span: Span
    asked: bool
    digest: str

    @classmethod
    def parse(cls, name: str) -> PartName | None:
        """None for a file that is no part."""
        found = _NAME.fullmatch(name)
        if found is None:
            return None
        try:
            start, end = _moment(found[1]), _moment(found[2])
        except ValueError:
            return None
        return cls(Span(start, end), found[3] == "asked", found[4])

    def __str__(self) -> str:
        """The file's name."""
        start, end = (at.strftime(_MOMENT) for at in (self.span.start, self.span.end))
        return f"{start}-{end}-{'asked' if self.asked else 'heard'}-{self.digest}.parquet"


def _moment(text: str) -> datetime:
    """What ``_MOMENT`` wrote; a tenth of strptime's time, which hundreds of files would feel."""
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
    hour, minute, second = int(text[9:11]), int(text[11:13]), int(text[13:15])
    return datetime(year, month, day, hour, minute, second, int(text[15:]), UTC)


def encode(rows: Rows, kind: Kind) -> bytes:
    """A Parquet file. The same rows give the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    moment = pa.timestamp("ns", tz="UTC")
    arrays = [pa.array(getattr(rows, name), pa.int64()).cast(moment) for name in TIMES]
    arrays += [pa.array(rows.figures[name]) for name in FIGURES[kind]]
    table = pa.Table.from_arrays(arrays, [*TIMES, *FIGURES[kind]])
    sink = pa.BufferOutputStream()
    # Prices are few values again and again, which a dictionary holds in about two bytes; sizes and
    # times are not.
    priced = [name for name in FIGURES[kind] if name not in SIZES]
    pq.write_table(
        table,
        sink,
        compression="zstd",
        use_dictionary=[*priced, "recorded"],
        column_encoding={
            "time": "DELTA_BINARY_PACKED",
            "known": "DELTA_BINARY_PACKED",
            **{name: "BYTE_STREAM_SPLIT" for name in FIGURES[kind] if name in SIZES},
        },
        store_schema=False,
    )
    return bytes(sink.getvalue())


def decode(content: bytes, kind: Kind, where: str) -> Rows:
    """The rows of a file; StateError when it is damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(pa.BufferReader(content)).read(
            [*TIMES, *FIGURES[kind]], use_threads=False
        )
        times = [_flat(table.column(name)).view("int64") for name in TIMES]
        figures = {name: _flat(table.column(name)) for name in FIGURES[kind]}
    except (pa.ArrowException, OSError, KeyError) as error:
        raise damaged(where, error) from None
    return Rows(times[0], times[1], times[2], figures)


def count(content: bytes, where: str) -> int:
    """How many rows a file holds; StateError when it is damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.read_metadata(pa.BufferReader(content)).num_rows)
    except (pa.ArrowException, OSError) as error:
        raise damaged(where, error) from None


def damaged(where: str, error: object) -> StateError:
    """What to do about a file that isn't what was written."""
    return StateError(
        f"the file {where} is damaged ({str(error)[:120]}). Move it away: what was in it is then "
        "fetched again."
    )


def digest(content: bytes) -> str:
    """What distinguishes a part from another of the same span, and from itself when damaged."""
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def _flat(column: pa.ChunkedArray) -> np.ndarray[Any, Any]:
    """A column as one array of numpy."""
    chunks = column.chunks
    if len(chunks) == 1:
        return np.asarray(chunks[0].to_numpy(zero_copy_only=False))
    return np.asarray(column.to_numpy())
