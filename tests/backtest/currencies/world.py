"""A past in several currencies, made for tests, and what it was worth by plain arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np

from tests.backtest.past import START, bars_of, walk
from tests.doubles import FakeMarket
from tools.domain.errors import DataUnavailable
from tools.domain.instrument import AssetClass, Instrument
from tools.domain.market import Bar
from tools.market_data.symbols import listing, pair

D = Decimal
FREE = {"slippage_bps": 0.0, "impact": 0.0, "commission": 0.0, "least_commission": 0.0}


@dataclass
class World(FakeMarket):
    """Shares trade in New York, each in the currency that ``money`` says; pairs are pairs."""

    money: dict[str, str] = field(default_factory=dict)

    def instrument(self, symbol: str) -> Instrument:
        if symbol not in self.bars:
            raise DataUnavailable(f"No feed has prices of {symbol}.")
        if pair(symbol):
            return listing(symbol, symbol, "TEST")
        money = self.money.get(symbol, "USD")
        return Instrument(symbol, symbol, "XNYS", AssetClass.EQUITY, money)


def rates_of(symbol: str, closes: Sequence[float], start: date = START) -> list[Bar]:
    """A bar for each weekday, known when the day has ended in UTC: after New York's close."""
    found, day = [], start
    for close in closes:
        while day.weekday() > 4:
            day += timedelta(days=1)
        opens = datetime(day.year, day.month, day.day, tzinfo=UTC)
        price = D(str(round(close, 6)))
        prices = (price, price, price, price)
        found.append(Bar(symbol, day, opens, opens + timedelta(days=1), *prices, D(0), price))
        day += timedelta(days=1)
    return found


def drifting(count: int, seed: int, start: float, swing: float = 0.006) -> list[float]:
    moves = np.random.default_rng(seed).normal(0, swing, count)
    return [float(value) for value in start * np.exp(np.cumsum(moves))]


def world(count: int = 120, seed: int = 1, **pairs: float) -> World:
    """IBM in dollars and SAP in euros; ``pairs`` such as EURUSD=1.2 begin ten days before."""
    begun = START - timedelta(days=14)
    bars = {
        "IBM": bars_of("IBM", walk(count, seed)),
        "SAP": bars_of("SAP", walk(count, seed + 1, 50.0)),
    }
    for number, (name, start) in enumerate((pairs or {"EURUSD": 1.2}).items()):
        symbol = f"{name[:3]}/{name[3:]}"
        closes = drifting(2 * count + 20, seed + 10 + number, start)
        bars[symbol] = rates_of(symbol, closes, begun)
    return World(bars, money={"SAP": "EUR"}, end=bars["IBM"][-1].known_at)


def last_close(bars: Sequence[Bar], at: datetime) -> Decimal:
    return [bar for bar in bars if bar.known_at <= at][-1].close
