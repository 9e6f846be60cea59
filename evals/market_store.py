"""How fast and how small the store of prices is.

``python -m evals.market_store [SYMBOLS] [MILLIONS]`` prints the figures; nothing is gated on them.
Prices are made: random walks in cents with sizes like those of shares, no value twice on purpose.
Seconds are of the processor (both of its kinds), the best of the runs, and of the clock beside it.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from tools.clock import SystemClock
from tools.domain.timeframe import DAILY, MINUTE, Timeframe
from tools.market_data.aggregation.grid import Grid
from tools.market_data.columns import BarColumns, Times, moment_of, nanoseconds
from tools.market_data.store.files import LocalFiles
from tools.market_data.store.parquet import ParquetParts
from tools.market_data.store.ranges import Span
from tools.market_data.store.series import Kind, Series
from tools.market_data.store.store import MarketStore

FIRST_DAY = datetime(2004, 1, 2, tzinfo=UTC)
YEARS = 20
MOMENT = datetime(2016, 6, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement and how it was taken."""

    what: str
    value: float
    unit: str
    taken: str


def made(symbol: str, timeframe: Timeframe, start: Times, length: int, seed: int) -> BarColumns:
    """Bars at ``start``, each known ``length`` nanoseconds later."""
    rng = np.random.default_rng(seed)
    count, step = len(start), 0.0005 if timeframe.intraday else 0.015
    close = np.round(rng.uniform(10, 300) * np.exp(np.cumsum(rng.normal(0, step, count))) + 1, 2)
    opened = np.round(close * (1 + rng.normal(0, step / 2, count)), 2)
    high = np.round(np.maximum(opened, close) * (1 + np.abs(rng.normal(0, step / 2, count))), 2)
    low = np.round(np.minimum(opened, close) * (1 - np.abs(rng.normal(0, step / 2, count))), 2)
    volume = np.round(rng.lognormal(9 if timeframe.intraday else 14, 1.2, count))
    return BarColumns(
        symbol, "made", start + length, timeframe, start, opened, high, low, close, volume
    )


def figures(symbols: int, millions: int, folder: Path) -> Iterator[Figure]:
    """The daily read and the size of minutes."""
    store = MarketStore(ParquetParts(LocalFiles(folder)), SystemClock())
    days = Grid(DAILY, "XNYS").between(
        nanoseconds(FIRST_DAY), nanoseconds(FIRST_DAY + timedelta(days=int(YEARS * 365.25)))
    )
    names = [f"D{i}" for i in range(symbols)]
    for i, name in enumerate(names):
        _keep(store, made(name, DAILY, days, int(6.5 * 3600) * 10**9, i))
    series = [Series(Kind.BARS, "made", name, DAILY) for name in names]

    def read() -> int:
        return sum(len(store.bars(one, None, MOMENT)) for one in series)

    rows = read()
    cpu, wall = _best(read, 3)
    what = f"{symbols} symbols × {YEARS} years of daily bars, read as of {MOMENT:%Y-%m-%d}"
    taken = f"{rows:,} rows, warm disk, best of 3"
    yield Figure(what, cpu, "s of the processor", taken)
    yield Figure(what, wall, "s of the clock", taken)

    minutes = Grid(MINUTE, "XNYS").between(
        nanoseconds(FIRST_DAY), nanoseconds(FIRST_DAY + timedelta(days=3800))
    )[:1_000_000]
    before, began = time.process_time(), time.perf_counter()
    for i in range(millions):
        _keep(store, made(f"M{i}", MINUTE, minutes, 60 * 10**9, i))
    cpu, wall = time.process_time() - before, time.perf_counter() - began
    size = sum(path.stat().st_size for path in folder.rglob("symbol=M*/*.parquet")) / 1e6
    kept = f"{len(minutes) * millions:,} one-minute bars"
    yield Figure(f"{kept} on disk", size, "MB", "Parquet files of the store")
    yield Figure(f"{kept} made and kept", cpu, "s of the processor", f"{wall:.1f} s of the clock")
    one = Series(Kind.BARS, "made", "M0", MINUTE)
    cpu, _ = _best(lambda: len(store.bars(one, None, MOMENT)), 3)
    yield Figure(
        f"{len(minutes):,} of one symbol, read as of", cpu, "s of the processor", "best of 3"
    )


def _keep(store: MarketStore, bars: BarColumns) -> None:
    """A year a part, as they would be fetched."""
    series = Series(Kind.BARS, "made", bars.symbol, bars.timeframe)
    whole = Span(moment_of(int(bars.start[0])), moment_of(int(bars.start[-1])) + timedelta(1))
    if not bars.timeframe.intraday:
        store.append(series, bars, whole)
        return
    for year in range(whole.start.year, whole.end.year + 1):
        span = Span(datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC))
        first, last = np.searchsorted(bars.start, [nanoseconds(span.start), nanoseconds(span.end)])
        if first < last:
            store.append(series, bars.rows(int(first), int(last)), span)


def _best(work: Callable[[], object], runs: int) -> tuple[float, float]:
    """The least processor time and the least wall time, in seconds."""
    found = []
    for _ in range(runs):
        cpu, wall = time.process_time(), time.perf_counter()
        work()
        found.append((time.process_time() - cpu, time.perf_counter() - wall))
    return min(row[0] for row in found), min(row[1] for row in found)


def main(arguments: list[str]) -> None:
    """Print the figures."""
    symbols = int(arguments[0]) if arguments else 500
    millions = int(arguments[1]) if len(arguments) > 1 else 10
    with tempfile.TemporaryDirectory(prefix="tollgate-store-") as folder:
        for figure in figures(symbols, millions, Path(folder)):
            line = f"{figure.what}: {figure.value:.3g} {figure.unit} ({figure.taken})"
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
