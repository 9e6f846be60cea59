"""How many bars a second a Python ``on_bar`` is shown, where it trades nothing.

    python -m evals.backtest_bars

plays a million made one-minute bars to a moving average crossover of ten and thirty bars in plain
Python, and prints the CPU time, the least of five. What the desk does of an order is measured by
``backtest_desk``.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import numpy as np

from evals.backtest import Speed

if TYPE_CHECKING:
    from tools.backtest.context import Context
    from tools.backtest.series import Series

BARS = 1_000_000
MINUTE_NS = 60 * 10**9


class Crossover:
    """Counts crossings; sums move along, as one writes them by hand."""

    def __init__(self) -> None:
        self.crossed = 0
        self._fast = self._slow = 0.0
        self._window, self._count, self._above = [0.0] * 30, 0, False

    def on_bar(self, context: Context) -> None:
        """One close more."""
        price, window, count = context.close("BTC/USD"), self._window, self._count
        self._fast += price - window[(count - 10) % 30]
        self._slow += price - window[count % 30]
        window[count % 30], self._count = price, count + 1
        above = self._fast * 3 > self._slow
        if above != self._above and count >= 30:
            self.crossed += 1
        self._above = above


class Onlooker:
    """In the place of ``Trader``: nothing waits and nothing is held."""

    waiting = short = False

    def __init__(self, strategy: Crossover, context: Context) -> None:
        self.strategy, self.context = strategy, context

    def decide(self) -> object:
        """As ``Trader.decide``, without what it says of errors."""
        self.strategy.on_bar(self.context)
        return self.context.wishes()

    def catch_up(self) -> None:
        """There is no desk."""


def bars() -> Series:
    """A walk from 30,000 with steps of two hundredths of a per cent, seed 1."""
    from tools.backtest.series import from_columns
    from tools.domain.timeframe import MINUTE
    from tools.market_data.columns import BarColumns
    from tools.market_data.symbols import listing

    close = np.round(30_000 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 2e-4, BARS))), 2)
    opens = np.concatenate([close[:1], close[:-1]])
    start = np.arange(BARS, dtype=np.int64) * MINUTE_NS + 1_262_304_000 * 10**9
    edges = np.maximum(opens, close), np.minimum(opens, close)
    columns = BarColumns(
        "BTC/USD",
        "made",
        start + MINUTE_NS,
        MINUTE,
        start,
        opens,
        *edges,
        close,
        np.full(BARS, 5.0),
    )
    return from_columns(listing("BTC/USD", "Bitcoin", "made"), "made", columns)


def shown(series: Series) -> float:
    """CPU seconds from the first bar to the last."""
    from typing import Any, cast

    from tools.backtest.context import Context
    from tools.backtest.playing import Player
    from tools.backtest.seen import Seen
    from tools.backtest.tape import Tape
    from tools.clock import SimulatedClock
    from tools.domain.timeframe import MINUTE
    from tools.market_data.columns import moment_of

    seen = Seen("BTC/USD", series.values.shape[1], "24/7", "1m")
    start, end = moment_of(int(series.known[0])), moment_of(int(series.known[-1]))
    player = Player(Tape([series], MINUTE), SimulatedClock(start), (seen,), start, end)
    looking = Onlooker(Crossover(), Context({"BTC/USD": seen}, 1e5))
    before = time.process_time()
    player.play(cast(Any, looking))
    return time.process_time() - before


def measure() -> Speed:
    """The least of five."""
    series = bars()
    least = min(shown(series) for _ in range(5))
    return Speed(
        "bars shown to a Python on_bar", BARS / least / 1e6, "M bars/s", f"{BARS:,} minutes"
    )


if __name__ == "__main__":
    sys.stdout.write(f"{measure()}\n")
