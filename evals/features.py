"""How fast features are: a hundred of them for many symbols. ``tollgate bench features`` prints it.

The prices are made up, seeded walks with volume: real ones take as long.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tools.domain.timeframe import DAILY
from tools.features.aligned import with_market
from tools.features.compute import compute, compute_all
from tools.features.inputs import Inputs
from tools.features.live import COLUMNS, Live
from tools.features.registry import features, find

DAYS = 2_500
WIDTH = 100
THREADS = 2
SHOWN = 10
DAY = 24 * 3600 * 10**9


@dataclass(frozen=True, slots=True)
class Measured:
    """``cpu_s`` is of all threads together, ``seconds`` by the wall."""

    what: str
    symbols: int
    columns: int
    rows: int
    cpu_s: float
    seconds: float


def hundred() -> tuple[str, ...]:
    """Every family that needs nothing but bars and a market: names that give 100 columns."""
    bare = ("close", "open", "high", "low", "volume", "market", "session", "known", "calendar")
    rows = [row for row in features() if set(row.inputs) <= set(bare) and not row.windows]
    names = [row.name for row in rows]
    count = sum(len(row.keys()) for row in rows)
    spare = ["hurst", "hurst_dfa", "garman_klass", "parkinson", "yang_zhang", "rsi", "macd", "adx"]
    count += sum(len(find(name)[0].keys()) for name in spare)
    windows = [
        key
        for row in features()
        if row.windows and set(row.inputs) <= set(bare)
        for key in row.keys()  # noqa: SIM118
    ]
    return (*names, *spare, *windows[:: max(len(windows) // (WIDTH - count), 1)][: WIDTH - count])


def walk(seed: int, days: int = DAYS) -> Inputs:
    """One symbol's made-up bars on consecutive weekdays from 2010."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, days)))
    opened = close * np.exp(rng.normal(0, 0.005, days))
    weekday = np.busday_offset(np.datetime64("2010-01-04"), np.arange(days), roll="forward")
    start = weekday.astype("datetime64[ns]").astype(np.int64) + 14 * 3600 * 10**9
    number = np.char.replace(weekday.astype(str), "-", "").astype(np.float64)
    return Inputs(
        f"S{seed}",
        "made up",
        DAILY,
        "XNYS",
        start,
        start + DAY // 4,
        opened,
        np.maximum(opened, close) * 1.01,
        np.minimum(opened, close) * 0.99,
        close,
        rng.integers(1_000, 10**6, days).astype(np.float64),
        number,
    )


@dataclass(frozen=True, slots=True)
class Streamed:
    """``micros`` a bar, of this thread's CPU time: the best of the runs."""

    what: str
    values: int
    micros: float


STREAMED = (
    "sma_5 sma_10 sma_20 sma_50 ema_5 ema_12 ema_26 ema_50 rsi_7 rsi_14 rsi_21 macd atr_7 atr_14 "
    "roc_5 roc_10 roc_20 bollinger momentum_10 cci_20 williams_r_14 stochastic adx_14 wma_10 "
    "standard_deviation_20 natr_14 mfi_14"
).split()


def streaming(runs: int = 6, bars: int = 300) -> Iterator[Streamed]:
    """Values bar by bar, once compiled."""
    live, made = Live(STREAMED), walk(1)
    rows = list(zip(*(getattr(made, name).tolist() for name in COLUMNS), strict=True))
    for row in rows[:bars]:
        live.push(*row)
    best = float("inf")
    for run in range(1, runs + 1):
        started = time.thread_time()
        for row in rows[run * bars : (run + 1) * bars]:
            live.push(*row)
        best = min(best, (time.thread_time() - started) / bars)
    yield Streamed("in a compiled state", len(live.keys), best * 1e6)


def measure(symbols: int) -> Iterator[Measured | Streamed]:
    """The whole table, once compiled; the slowest names alone; and values bar by bar."""
    names = hundred()
    market = walk(0)
    many = [with_market(walk(seed), market) for seed in range(1, symbols + 1)]
    columns = next(compute_all(many[:1], names, 1)).values.shape[1]
    for threads in (1, THREADS):
        cpu, wall = time.process_time(), time.perf_counter()
        for matrix in compute_all(many, names, threads):
            del matrix
        yield Measured(
            f"{threads} threads" if threads > 1 else "one thread",
            symbols,
            columns,
            DAYS,
            round(time.process_time() - cpu, 2),
            round(time.perf_counter() - wall, 2),
        )
    alone = many[0]
    slowest = sorted((_one(alone, name) for name in names), key=lambda row: -row.cpu_s)
    yield from slowest[:SHOWN]
    yield from streaming()


def _one(inputs: Inputs, name: str) -> Measured:
    cpu, wall = time.process_time(), time.perf_counter()
    columns = compute(inputs, (name,)).values.shape[1]
    spent, took = time.process_time() - cpu, time.perf_counter() - wall
    return Measured(name, 1, columns, DAYS, round(spent, 5), round(took, 5))
