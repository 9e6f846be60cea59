"""How fast compiled backtests are: bar by bar, swept, rebalanced, drawn again.

``tollgate bench backtest`` prints it. CPU time of all threads together, the least of some runs; a
busy machine makes every figure larger. The prices are made up, seeded walks on a tick of 0.01: real
ones take as long. Peers are measured by their own Python when one is named:

    python -m venv peers && peers/bin/pip install vectorbt
    python -m evals.backtest --peers peers/bin/python
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tools.backtest.fast.bars import Bars, Floats, bars_of

MINUTES = 1_000_000
SYMBOLS, DAYS = 500, 2_500
PAIRS = [(fast, slow) for fast in range(5, 25, 2) for slow in range(30, 130, 10)]
PATHS, YEAR = 100_000, 252
RUNS = 5


@dataclass(frozen=True, slots=True)
class Speed:
    """One measured thing: the figure, its unit, and what it is of."""

    what: str
    figure: float
    unit: str
    of: str


def walk(count: int, symbols: int, swing: float) -> Bars:
    """Bars that no market ever made, the same each time."""
    rng = np.random.default_rng(7)
    moves = np.cumsum(rng.normal(0, swing, (count, symbols)), axis=0)
    close = np.round(100 * np.exp(moves), 2) + 0.01
    opened = np.concatenate([close[:1], close[:-1]])
    wide = np.round(rng.uniform(0, 0.5, close.shape), 2)
    high = np.maximum(opened, close) + wide
    low = np.maximum(np.minimum(opened, close) - wide, 0.01)
    return bars_of(opened, high, low, close, rng.integers(1, 10**6, close.shape))


def measure(peers: Path | None = None) -> Iterator[Speed]:
    """Every figure, one after the other."""
    yield from _bar_by_bar()
    yield from _swept()
    yield from _rebalanced()
    yield from _drawn()
    if peers is not None:
        yield from _peers(peers)


def _bar_by_bar() -> Iterator[Speed]:
    from tools.backtest.fast.costs import Costs
    from tools.backtest.fast.engine import run
    from tools.backtest.fast.signals import hold_units
    from tools.indicators.trend import sma

    bars = walk(MINUTES, 1, 0.001)
    close = bars.close[:, 0]

    def crossing() -> Floats:
        fast, slow = sma(close, 10), sma(close, 30)
        return np.where(np.isnan(slow), np.nan, fast > slow)[np.newaxis]

    def whole() -> None:
        run(bars, hold_units, columns=crossing(), costs=Costs(rate=0.0001))

    of = f"SMA 10/30, {MINUTES:,} bars, market orders, commission"
    took = _least(whole)
    yield Speed("compiled engine", MINUTES / took / 1e6, "M bars/s", of)
    ready = crossing()
    took = _least(lambda: run(bars, hold_units, columns=ready, costs=Costs(rate=0.0001)))
    yield Speed("– averages ready", MINUTES / took / 1e6, "M bars/s", of)


def _swept() -> Iterator[Speed]:
    from tools.backtest.fast.rules import SMA_CROSS
    from tools.backtest.fast.sweep import sweep

    bars = walk(DAYS, SYMBOLS, 0.01)
    took = _least(lambda: sweep(bars, SMA_CROSS, PAIRS, cost=0.001))
    of = f"{SYMBOLS} symbols × {DAYS:,} days × {len(PAIRS)} pairs: Sharpe, drawdown, trades"
    yield Speed("sweep", took, "s", of)
    scale = 1024 if sys.platform == "linux" else 1024 * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale
    yield Speed("– peak memory", most, "MiB", "the whole process so far, its libraries included")


def _rebalanced() -> Iterator[Speed]:
    from tools.backtest.fast.rebalance import inverse_volatility, rebalance

    bars = walk(2 * DAYS, SYMBOLS, 0.01)
    months = np.arange(63, 2 * DAYS, 21)
    of = f"{SYMBOLS} symbols × {2 * DAYS:,} days, each month, costs"
    took = _least(lambda: rebalance(bars, months, inverse_volatility(bars, months), cost=0.001))
    yield Speed("rebalancing", took * 1e3, "ms", of)
    weights = inverse_volatility(bars, months)
    took = _least(lambda: rebalance(bars, months, weights, cost=0.001))
    yield Speed("– weights ready", took * 1e3, "ms", of)


def _drawn() -> Iterator[Speed]:
    from tools.backtest.fast.monte_carlo import Bootstrap

    made = Bootstrap(np.random.default_rng(1).normal(0.0005, 0.01, DAYS), block=10)
    took = _least(lambda: made.paths(PATHS, YEAR).value_at_risk())
    of = f"{PATHS:,} paths × {YEAR} days in stationary blocks: drawdown, value at risk"
    yield Speed("Monte Carlo", took, "s", of)


def _least(run: Callable[[], object]) -> float:
    run()
    gc.collect()
    least = float("inf")
    for _ in range(RUNS):
        started = time.process_time()
        run()
        least = min(least, time.process_time() - started)
    return least


def _peers(python: Path) -> Iterator[Speed]:
    """What the other libraries take, in their own environment; one that fails is left out."""
    script = Path(__file__).with_name("backtest_peers.py")
    done = subprocess.run(  # noqa: S603 - the Python that the person named
        [str(python), str(script)], capture_output=True, text=True, timeout=1800, check=False
    )
    for line in done.stdout.splitlines():
        yield Speed(**json.loads(line))
    sys.stderr.write(done.stderr[-500:])


def main() -> None:
    """Print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--peers", type=Path, help="the Python of an environment with the peers")
    for row in measure(parser.parse_args().peers):
        sys.stdout.write(f"{row.what:20} {row.figure:10.4g} {row.unit:10} {row.of}\n")


if __name__ == "__main__":
    main()
