"""Rows in PostgreSQL's binary form: written by COPY, read back as one value a part."""

from __future__ import annotations

import io
import struct

import numpy as np

from tools.market_data.store.rows import Rows
from tools.market_data.store.series import FIGURES, Kind

TIMES = ("time", "known", "recorded")
_HEAD = b"PGCOPY\n\xff\r\n\x00" + struct.pack("!ii", 0, 0)
_END = struct.pack("!h", -1)


def written(series: int, part: int, rows: Rows) -> io.BytesIO:
    """What COPY … FROM STDIN (FORMAT binary) reads: each field with its length before it."""
    fields = [("series", ">i4"), ("part", ">i8"), ("n", ">i4"), *((t, ">i8") for t in TIMES)]
    fields += [(name, ">f8") for name in rows.figures]
    shape = [("count", ">i2")]
    for name, kind in fields:
        shape += [(f"{name}_length", ">i4"), (name, kind)]
    table = np.zeros(len(rows), dtype=shape)
    table["count"] = len(fields)
    for name, kind in fields:
        table[f"{name}_length"] = np.dtype(kind).itemsize
    table["series"], table["part"] = series, part
    table["n"] = np.arange(len(rows))
    table["time"], table["known"], table["recorded"] = rows.time, rows.known, rows.recorded
    for name, column in rows.figures.items():
        table[name] = column
    return io.BytesIO(_HEAD + table.tobytes() + _END)


def wire(kind: Kind) -> str:
    """The SQL of one row as bytes, which ``rows_from`` reads."""
    figures = [f"float8send({name})" for name in FIGURES[kind]]
    return " || ".join([*(f"int8send({name})" for name in TIMES), *figures])


def rows_from(content: bytes, kind: Kind) -> Rows:
    """The rows behind one another in ``content``."""
    shape = [*((name, ">i8") for name in TIMES), *((name, ">f8") for name in FIGURES[kind])]
    table = np.frombuffer(content, dtype=shape)
    time, known, recorded = (table[name].astype(np.int64) for name in TIMES)
    figures = {name: table[name].astype(np.float64) for name in FIGURES[kind]}
    return Rows(time, known, recorded, figures)
