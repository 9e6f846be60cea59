"""A feed that does as it is told, and waiting that takes no time."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from tests.market_data.clocks import SetClock
from tools.domain.market import Bar
from tools.market_data.feeds.resilience.policy import Waiting
from tools.market_data.sessions import xnys
from tools.market_data.symbols import listing

NOON = datetime(2024, 6, 7, 12, 0, tzinfo=UTC)
THURSDAY = date(2024, 6, 6)


def bar_of(session, symbol="IBM"):
    opens, closes = xnys(session)
    ten = Decimal(10)
    return Bar(symbol, session, opens, closes, ten, ten, ten, ten, Decimal(100))


def bars_to(session, symbol="IBM"):
    days = [session - timedelta(days=back) for back in (2, 1, 0)]
    return tuple(bar_of(day, symbol) for day in days if day.weekday() < 5)


class Scripted:
    """``does`` is called for each request: what it returns or raises is the answer."""

    name = "scripted"
    live = True

    def __init__(self, does=lambda: bars_to(THURSDAY)):
        self.does = does
        self.asked = 0
        self.words = ""

    def _answer(self):
        self.asked += 1
        return self.does()

    def bars(self, symbol):
        return self._answer()

    def quote(self, symbol):
        return self._answer()

    def instrument(self, symbol):
        return listing(symbol, symbol, "XNYS")

    def symbols(self):
        return ()

    def label(self, symbol):
        return self.name

    def latest(self):
        return NOON

    def notice(self):
        return self.words


class NoTime:
    """Waiting that is only counted, on a clock that it moves."""

    def __init__(self, clock=None, seed=7):
        self.clock = clock or SetClock(NOON)
        self.slept = []
        self.waiting = Waiting(self._sleep, self._monotonic, random.Random(seed))

    def _sleep(self, seconds):
        self.slept.append(seconds)
        self.clock.advance(timedelta(seconds=seconds))

    def _monotonic(self):
        return self.clock.wall().timestamp()
