"""Reads a recording: what the recorder wrote, or tidy tables of trades, quotes or bars."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.domain.errors import InputError, TradingError
from tools.market_data.symbols import canonical
from tools.streaming.recording import FIGURES, WIDTH, Kind, Recording, gathered

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".parquet", ".csv", ".csv.gz")
MINUTE_NS = 60 * 10**9
DAY_NS = 24 * 3600 * 10**9
KINDS = {name: kind for kind in Kind for name in FIGURES[kind][:1]}


def read(path: Path) -> Recording:
    """A file or a folder of them, in the order of their names.

    A table has ``symbol`` and ``timestamp`` (aware, or UTC) and price and size, or bid and ask, or
    open to volume; ``known`` says when each row became known, else a trade and a quote are known at
    once and a bar when it ends. Raises InputError for what is none of these.
    """
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.name.endswith(SUFFIXES))
        if not files:
            raise InputError(f"The folder {path} holds no recording: no .parquet or .csv file.")
    elif path.is_file():
        files = [path]
    else:
        raise InputError(f"There is no file or folder {path} to replay.")
    tables = [_table(file) for file in files]
    parts = [_columns(table, file) for table, file in zip(tables, files, strict=True)]
    symbols = sorted({name for part in parts for name in part[0]})
    place = {name: number for number, name in enumerate(symbols)}
    codes = [np.array([place[name] for name in part[0]], np.int32)[part[2]] for part in parts]
    return gathered(
        symbols,
        np.concatenate([part[1] for part in parts]),
        np.concatenate(codes),
        np.concatenate([part[3] for part in parts]),
        np.concatenate([part[4] for part in parts]),
        np.concatenate([part[5] for part in parts]),
        sum(part[6] for part in parts),
    )


def _table(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path, encoding="utf-8-sig", dtype={"symbol": str})
    except (ValueError, OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path.name} can't be read as a table ({str(error)[:120]}). A replay needs CSV or "
            "Parquet with the columns symbol, timestamp and price."
        ) from None


def _columns(table: pd.DataFrame, path: Path) -> tuple[Any, ...]:
    """Symbols, kinds, codes, times, known, figures, and how many rows were none."""
    import pandas as pd

    table.columns = [str(name).strip().lower() for name in table.columns]
    missing = [name for name in ("symbol", "timestamp") if name not in table]
    if missing or not any(name in table for name in KINDS):
        raise InputError(
            f"{path.name} is no recording: it needs the columns symbol and timestamp, and price, "
            f"or bid and ask, or open, high, low, close. It has {', '.join(table.columns)[:100]}."
        )
    times = pd.to_datetime(table["timestamp"], utc=True, errors="coerce", format="ISO8601")
    good = (times.notna() & table["symbol"].notna()).to_numpy()
    left_out = int((~good).sum())
    table, times = table[good], times[good]
    time = times.dt.as_unit("ns").astype("int64").to_numpy()
    codes, names = pd.factorize(table["symbol"].astype(str))
    try:
        symbols = [canonical(name) for name in names]
    except TradingError as error:
        raise InputError(f"{path.name}: {error}") from None
    numbers = {
        name: pd.to_numeric(table[name], errors="coerce").to_numpy(np.float64)
        for kind in Kind
        for name in FIGURES[kind]
        if name in table
    }
    if "kind" in table:
        kind = pd.to_numeric(table["kind"], errors="coerce").fillna(-1).to_numpy(np.int64)
        if not np.isin(kind, [int(one) for one in Kind]).all():
            raise InputError(f"{path.name} is no recording: it has a kind of row that is unknown.")
        kind = kind.astype(np.uint8)
    else:
        kind = np.full(len(table), next(k for name, k in KINDS.items() if name in table), np.uint8)
    figures = np.full((len(table), WIDTH), np.nan)
    for one in Kind:
        rows = kind == one
        for place, name in enumerate(FIGURES[one]):
            if name in numbers:
                figures[rows, place] = numbers[name][rows]
    if "known" in table:
        known = pd.to_datetime(table["known"], utc=True).dt.as_unit("ns").astype("int64").to_numpy()
    else:
        known = time + np.where(kind == Kind.BAR, _step(time, codes), 0)
    return symbols, kind, codes, time, known, figures, left_out


def _step(time: Any, codes: Any) -> int:
    """How long the bars are: the commonest distance of two of one symbol, a day at most."""
    order = np.lexsort((time, codes))
    apart = np.diff(time[order])[np.diff(codes[order]) == 0]
    apart = apart[apart > 0]
    if not len(apart):
        return MINUTE_NS
    lengths, counts = np.unique(apart, return_counts=True)
    return int(min(lengths[counts.argmax()], DAY_NS))
