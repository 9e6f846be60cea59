"""A live feed that a test scripts, and that remembers what it was asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from tools.domain.errors import DataUnavailable
from tools.domain.timeframe import MINUTE, Timeframe
from tools.market_data.columns import BarColumns, TickColumns, nanoseconds
from tools.market_data.symbols import listing

DAWN = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = Timeframe.parse("1h")


class Live:
    """BTC/USD a minute (and an hour) round the clock; close = minutes since DAWN."""

    live = True
    timeframes = (MINUTE, HOUR)

    def __init__(self, name="live", clock=None):
        self.name = name
        self.clock = clock
        self.asked = []
        self.down = ""
        self.holes = set()
        self.other = {}

    def symbols(self):
        return ()

    def instrument(self, symbol):
        return listing(symbol, symbol, "X") if symbol == "BTC/USD" else None

    def bars(self, symbol):
        return None

    def label(self, symbol):
        return self.name

    def latest(self):
        return None if self.down else self.clock.wall()

    def notice(self):
        return ""

    def range(self, symbol, timeframe, start, end):
        self.asked.append((start, end))
        if self.down:
            raise DataUnavailable(self.down)
        if symbol != "BTC/USD":
            return None
        step = timeframe.length
        end = min(end, self.clock.wall())
        first = max(0, -((DAWN - start) // step))
        last = (end - DAWN) // step
        wanted = [i for i in range(first, last) if i not in self.holes]
        opened = np.array([nanoseconds(DAWN + i * step) for i in wanted], np.int64)
        closed = opened + int(step.total_seconds()) * 10**9
        close = np.array([float(self.other.get(i, i)) for i in wanted])
        return BarColumns(
            symbol,
            self.name,
            closed,
            timeframe,
            opened,
            close,
            close + 1,
            close - 1,
            close,
            close * 0 + 10,
        )

    def trades(self, symbol, start, end):
        self.asked.append((start, end))
        if symbol != "BTC/USD":
            return None
        hours = [h for h in range(72) if start <= DAWN + timedelta(hours=h) < end]
        time = np.array([nanoseconds(DAWN + timedelta(hours=h)) for h in hours], np.int64)
        price = np.array(hours, float)
        return TickColumns(symbol, self.name, time, time, price, price * 0 + 1)
