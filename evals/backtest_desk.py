"""What an order of a backtest through desk and gate costs, early in a run and late.

``tollgate bench backtest`` prints it. The strategy below asks for an order on each bar of IBM's
sample prices: two verdicts, each journalled, and the venue. CPU time of one run from its bars to
its result, divided by its orders; nothing is kept.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evals.backtest import Speed

if TYPE_CHECKING:
    from tools.backtest.context import Context

COUNTS = (500, 3_000)


@dataclass(frozen=True)
class EveryBar:
    """Buys ten shares on one bar and sells them on the next."""

    def on_bar(self, context: Context) -> None:
        """Ask for one order."""
        context.order("IBM", -10 if context.position("IBM") > 0 else 10)


def orders() -> Iterator[Speed]:
    """The cost of an order in a short run and in a long one."""
    from tools.assembly import open_backtester
    from tools.backtest.request import Request
    from tools.settings import FeedChoice, Settings

    with tempfile.TemporaryDirectory(prefix="tollgate-bench-") as folder:
        backtester = open_backtester(Settings(home=Path(folder), feed=FeedChoice.SAMPLE))
        market = backtester.market
        bars = market.history("IBM", market.latest()).bars
        for count in COUNTS:
            request = Request(__file__, ("IBM",), end=bars[count - 1].session)
            started = time.process_time()
            made = backtester.run(request).document["orders"]
            took = time.process_time() - started
            total = sum(made.values())
            of = f"{total:,} orders in one run, {made.get('filled', 0):,} filled, IBM day by day"
            yield Speed("through the desk", took / total * 1e3, "ms/order", of)


def main() -> None:
    """Print a line for each run."""
    for row in orders():
        sys.stdout.write(f"{row.what:20} {row.figure:10.4g} {row.unit:10} {row.of}\n")


if __name__ == "__main__":
    main()
