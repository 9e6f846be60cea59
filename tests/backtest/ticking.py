"""Trades and quotes for tests: a morning of IBM that a test writes or a seed draws."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from tests.backtest.past import over, written
from tests.doubles import FakeMarket
from tools.backtest.costs import usual
from tools.backtest.request import Request
from tools.backtest.ticks import On
from tools.market_data.columns import QuoteColumns, TickColumns, nanoseconds

OPEN = datetime(2010, 3, 1, 14, 30, tzinfo=UTC)
DATA = Path(__file__).parents[3] / "shared" / "data"


def at(seconds: float) -> datetime:
    return OPEN + timedelta(seconds=seconds)


def quotes(rows, symbol="IBM"):
    """Rows of seconds after the open, bid, ask and the sizes of both."""
    columns = np.array(rows, np.float64).round(2).T
    time = np.array([nanoseconds(at(second)) for second in columns[0]], np.int64)
    return QuoteColumns(symbol, "made", time, time, *columns[1:])


def trades(rows, symbol="IBM"):
    """Rows of seconds after the open, price and size."""
    columns = np.array(rows, np.float64).T
    time = np.array([nanoseconds(at(second)) for second in columns[0]], np.int64)
    return TickColumns(symbol, "made", time, time, *columns[1:])


def drawn(count: int, seed: int = 1):
    """Quotes around 100 with a spread of one to five cents, some moments with several."""
    random = np.random.default_rng(seed)
    middle = 100 + np.cumsum(random.integers(-2, 3, count)) / 100
    half = random.integers(1, 4, count) / 100
    when = np.cumsum(random.integers(0, 4, count)) / 2
    sizes = random.integers(1, 9, (2, count)) * 100
    return quotes(np.column_stack((when, np.round(middle - half, 2), np.round(middle + half, 2),
                                   *sizes)))  # fmt: skip


class Ticking(FakeMarket):
    """A market with trades and quotes beside its daily bars."""

    def __init__(self, bars, *, quoted=(), traded=()):
        super().__init__(bars)
        self._quoted = {one.symbol: one for one in quoted}
        self._traded = {one.symbol: one for one in traded}

    def quotes(self, symbol, start, end):
        return _inside(self._quoted.get(symbol), start, end)

    def trades(self, symbol, start, end):
        return _inside(self._traded.get(symbol), start, end)

    def latest(self):
        known = [one.known[-1] for one in (*self._quoted.values(), *self._traded.values())]
        return datetime.fromtimestamp(max(known) / 1e9 + 3600, UTC) if known else super().latest()


def _inside(columns, start, end):
    if columns is None:
        return None
    first, last = np.searchsorted(columns.time, [nanoseconds(start), nanoseconds(end)])
    return columns.rows(int(first), int(last)) if last > first else None


def played(market, body, folder, on=On.QUOTES, symbols=("IBM",), costs=None, **more):
    path = body if body.endswith(".py") else written(folder, body)
    charged = usual(on, {"least_commission": 0.0, "commission": 0.0} | (costs or {}))
    more = {"timeframe": None} | more
    request = Request(path, symbols, costs=charged, on=on, **more)
    return over(market).run(request).document
