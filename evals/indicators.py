"""How fast indicators are: one by one, fused, and bar by bar; beside TA-Lib and other libraries.

CPU time of this thread, the least of some runs; a busy machine makes every figure larger. Peers are
measured by their own Python when one is named: they are never dependencies.

    python -m venv peers && peers/bin/pip install pandas-ta-classic polars talipp
    python -m evals.indicators --peers peers/bin/python
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tools.indicators.arrays import Floats

BARS = 1_000_000
TICKS = 20_000
RUNS = 5
FIVE = ("sma_50", "rsi_14", "macd", "atr_14", "bollinger")
THIRTY = (
    "sma_50", "ema_20", "wma_30", "rma_14", "rsi_14", "macd", "atr_14", "natr_14", "bollinger",
    "stochastic", "cci_14", "williams_r_14", "roc_20", "momentum_10", "adx_14", "plus_di_14",
    "minus_di_14", "obv", "mfi_14", "donchian", "keltner", "supertrend",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Speed:
    """One measured thing: the figure, its unit, and what it is of."""

    what: str
    figure: float
    unit: str
    of: str


@dataclass(frozen=True, slots=True)
class Made:
    """A seeded random walk of bars, tick size 0.01."""

    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats


def walk(count: int) -> Made:
    """``count`` bars that no market ever made."""
    rng = np.random.default_rng(7)
    close = np.round(100 * np.exp(np.cumsum(rng.normal(0, 0.001, count))), 2) + 0.01
    opened = np.concatenate([close[:1], close[:-1]])
    wide = np.round(rng.uniform(0, 0.5, count), 2)
    high, low = np.maximum(opened, close) + wide, np.minimum(opened, close) - wide
    return Made(opened, high, low, close, rng.integers(1, 10**6, count).astype(np.float64))


def measure(peers: Path | None = None) -> Iterator[Speed]:
    """Every figure, one after the other."""
    bars = walk(BARS)
    yield from _batch(bars)
    yield from _streaming(walk(TICKS))
    if peers is not None:
        yield from _peers(peers)


def _batch(bars: Made) -> Iterator[Speed]:
    from tools.indicators.registry import compute, indicators
    from tools.indicators.streaming.fused import Fused
    from tools.indicators.ta_lib import talib

    def theirs() -> tuple[object, ...]:
        return (
            talib.SMA(bars.close, 50),
            talib.RSI(bars.close, 14),
            talib.MACD(bars.close, 12, 26, 9),
            talib.ATR(bars.high, bars.low, bars.close, 14),
            talib.BBANDS(bars.close, 20, 2.0, 2.0),
        )

    what = f"{', '.join(FIVE)} over {BARS:,} bars"
    yield Speed("TA-Lib itself", _least(theirs) * 1e3, "ms", what)
    yield Speed("compute", _least(lambda: compute(bars, FIVE)) * 1e3, "ms", what)
    fused = Fused(FIVE)
    yield Speed("compiling a set", _once(lambda: fused.compute(walk(10))) * 1e3, "ms", what)
    yield Speed("Fused.compute", _least(lambda: fused.compute(bars)) * 1e3, "ms", what)
    held = fused.compute(bars)
    again = _least(lambda: fused.compute(bars, into=held)) * 1e3
    yield Speed("Fused.compute, into", again, "ms", f"{what}, into arrays of an earlier answer")
    tenth = walk(BARS // 10)
    for family in sorted({row.family for row in indicators()}):
        names = [row.name for row in indicators() if row.family == family]
        compute(tenth, names)  # what is compiled on first use is compiled now
        took = _least(lambda names=names: compute(tenth, names), 2)  # type: ignore[misc]
        yield Speed(f"all {family}", took * 1e3, "ms", f"{len(names)} over {BARS // 10:,} bars")


def _streaming(bars: Made) -> Iterator[Speed]:
    from tools.indicators.streaming.fused import Fused
    from tools.indicators.streaming.stream import stream

    columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    fused = Fused(THIRTY)
    fused.push(*rows[0])

    def all_() -> None:
        for row in rows:
            fused.push(*row)

    what = f"{len(fused.keys)} outputs a tick"
    yield Speed("Fused.push", _least(all_) / TICKS * 1e6, "us a tick", what)
    states = [stream(name) for name in THIRTY]

    def alone() -> None:
        for row in rows:
            for state in states:
                state.push(*row)

    yield Speed("stream(), one by one", _least(alone, 2) / TICKS * 1e6, "us a tick", what)


def _once(run: Callable[[], object]) -> float:
    started = time.thread_time()
    run()
    return time.thread_time() - started


def _least(run: Callable[[], object], runs: int = RUNS) -> float:
    run()
    gc.collect()
    return min(_once(run) for _ in range(runs))


def _peers(python: Path) -> Iterator[Speed]:
    """What the other libraries take, in their own environment; one that fails is left out."""
    script = Path(__file__).with_name("indicator_peers.py")
    done = subprocess.run(  # noqa: S603 - the Python that the person named
        [str(python), str(script)], capture_output=True, text=True, timeout=900, check=False
    )
    for line in done.stdout.splitlines():
        yield Speed(**json.loads(line))
    if done.returncode:
        sys.stderr.write(done.stderr[-500:])


def main() -> None:
    """Print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--peers", type=Path, help="the Python of an environment with the peers")
    for row in measure(parser.parse_args().peers):
        sys.stdout.write(f"{row.what:24} {row.figure:10.2f} {row.unit:10} {row.of}\n")


if __name__ == "__main__":
    main()
