"""How fast market data is: trades to bars, all at once and one by one, and checks of its quality.

``python -m evals.market_data`` prints the figures; nothing is gated on them. Seconds are of the
processor, the best of the runs, so that a busy machine adds little.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from tools.domain.timeframe import MINUTE, Timeframe
from tools.market_data.aggregation.batch import aggregate, coarsen
from tools.market_data.aggregation.grid import Grid
from tools.market_data.aggregation.stream import Aggregator
from tools.market_data.columns import QuoteColumns, TickColumns, nanoseconds
from tools.market_data.quality.validation import validate_bars, validate_quotes, validate_trades

OPENED = nanoseconds(datetime(2013, 10, 7, 13, 30, tzinfo=UTC))
SESSION = 23_400 * 10**9
SECOND = 10**9


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement and how it was taken."""

    what: str
    value: float
    unit: str
    taken: str


def tape(count: int, *, disorder: int = 0, seed: int = 1) -> TickColumns:
    """So many made trades in one session; each up to ``disorder`` nanoseconds off its place."""
    rng = np.random.default_rng(seed)
    known = OPENED + np.sort(rng.integers(0, SESSION, count))
    time_ = known - rng.integers(0, disorder + 1, count)
    price = np.round(180 + np.cumsum(rng.normal(0, 0.01, count)), 2)
    size = rng.integers(1, 500, count).astype(np.float64)
    return TickColumns("MADE", "made", known, time_, price, size)


def ticks(count: int = 1_000_000, runs: int = 5) -> Iterator[Figure]:
    """Trades to bars, and checks, of so many made trades."""
    made = tape(count)
    minutes, hours = Grid(MINUTE, "XNYS"), Grid(Timeframe.parse("1h"), "XNYS")
    millions = f"{count:,}"
    taken = f"best of {runs}, processor time, one session of New York"
    yield Figure(
        f"{millions} trades in order to minutes",
        _best(lambda: aggregate(made, minutes), runs), "s", taken,
    )  # fmt: skip
    seconds = Grid(Timeframe.parse("5s"), "XNYS")
    yield Figure(
        f"{millions} trades in order to 5 seconds",
        _best(lambda: aggregate(made, seconds), runs), "s", taken,
    )  # fmt: skip
    late = tape(count, disorder=SECOND // 10)
    yield Figure(
        f"{millions} trades up to 100 ms out of order to minutes",
        _best(lambda: aggregate(late, minutes), runs), "s",
        f"{taken}; {aggregate(late, minutes).late:,} late ones made versions",
    )  # fmt: skip
    bars = aggregate(made, seconds).bars
    yield Figure(
        f"{len(bars):,} bars of 5 seconds to hours",
        _best(lambda: coarsen(bars, hours), runs) * 1e3, "ms", taken,
    )  # fmt: skip
    yield _streaming(made.rows(0, min(count, 100_000)), runs)
    checked = _best(lambda: validate_trades(made), runs)
    yield Figure("trades checked", count / checked, "rows/s", taken)
    quoted = QuoteColumns(
        "MADE", "made", made.known, made.time, made.price, made.price + 0.01, made.size, made.size
    )
    yield Figure(
        "quotes checked", count / _best(lambda: validate_quotes(quoted), runs), "rows/s", taken
    )
    yield Figure(
        "bars of 5 seconds checked",
        len(bars) / _best(lambda: validate_bars(bars, "XNYS"), runs), "rows/s", taken,
    )  # fmt: skip


def _streaming(made: TickColumns, runs: int) -> Figure:
    rows = list(
        zip(
            made.time.tolist(), made.known.tolist(), made.price.tolist(), made.size.tolist(),
            strict=True,
        )
    )  # fmt: skip

    def push() -> None:
        stream = Aggregator(Grid(MINUTE, "XNYS"))
        for row in rows:
            stream.push(*row)

    return Figure(
        "a trade pushed into the stream of minutes", _best(push, runs) / len(rows) * 1e6, "µs",
        f"best of {runs}, processor time, {len(rows):,} trades",
    )  # fmt: skip


def _best(work: Callable[[], object], runs: int) -> float:
    taken = []
    for _ in range(runs):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return min(taken)


def main() -> None:
    """Print the figures."""
    for figure in ticks():
        line = f"{figure.what}: {figure.value:,.3f} {figure.unit} ({figure.taken})\n"
        sys.stdout.write(line)


if __name__ == "__main__":
    main()
