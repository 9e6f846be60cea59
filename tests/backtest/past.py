"""A past made for tests: sessions of New York, prices that a test writes or a seed draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np

from tests.doubles import FakeMarket
from tools.assembly import simulated_venue
from tools.backtest.request import Request
from tools.backtest.running import Backtester
from tools.domain.market import Bar
from tools.market_data.sessions import session_on, session_times

D = Decimal
START = date(2010, 1, 4)


def sessions(count: int, start: date = START) -> list[date]:
    found, day = [], start
    while len(found) < count:
        if session_on("XNYS", day) is not None:
            found.append(day)
        day += timedelta(days=1)
    return found


def bars_of(
    symbol: str, closes: Sequence[float], *, start: date = START, volume: int = 10_000_000
) -> list[Bar]:
    """Each bar opens at the last close and reaches two per cent beyond both."""
    found, before = [], closes[0]
    for day, close in zip(sessions(len(closes), start), closes, strict=True):
        opens, known = session_times("XNYS", day)
        high, low = max(before, close) * 1.02, min(before, close) * 0.98
        prices = [D(str(round(price, 2))) for price in (before, high, low, close)]
        found.append(Bar(symbol, day, opens, known, *prices, D(volume), prices[-1]))
        before = close
    return found


def walk(count: int, seed: int = 1, start: float = 100.0) -> list[float]:
    moves = np.random.default_rng(seed).normal(0.0004, 0.012, count)
    return [float(price) for price in start * np.exp(np.cumsum(moves))]


def market(count: int = 300, **seeds: int) -> FakeMarket:
    chosen = seeds or {"IBM": 1}
    return FakeMarket({name: bars_of(name, walk(count, seed)) for name, seed in chosen.items()})


def over(past: FakeMarket, actions=()) -> Backtester:
    known = tuple(actions)
    return Backtester(
        past, simulated_venue, lambda symbol, *_: tuple(a for a in known if a.symbol == symbol)
    )


def written(folder: Path, body: str, name: str = "mine") -> str:
    """A strategy of a person's own: ``body`` is what on_bar does."""
    lines = "\n".join(f"        {line}" for line in body.strip().splitlines())
    path = folder / f"{name}.py"
    path.write_text(
        "from dataclasses import dataclass\n\n\n@dataclass\nclass Mine:\n"
        f'    """For a test."""\n\n    size: int = 10\n\n    def on_bar(self, context):\n{lines}\n'
    )
    return str(path)


def ran(past: FakeMarket, strategy: str, symbols=("IBM",), actions=(), **more):
    return over(past, actions).run(Request(strategy, tuple(symbols), **more)).document


def found_of_orders(run):
    """What was found but of the prices, which a test made as short and as wild as it needs."""
    return [one for one in run["findings"] if one["kind"] not in ("short", "jump")]


@dataclass(frozen=True)
class Changed:
    """The same past with other bars from some bar on."""

    past: FakeMarket
    since: int

    def made(self, factor: str = "1.5") -> FakeMarket:
        def other(bar: Bar) -> Bar:
            prices = (bar.open, bar.high, bar.low, bar.close, bar.adjusted_close)
            names = ("open", "high", "low", "close", "adjusted_close")
            scaled = (round(p * D(factor), 2) for p in prices)
            return replace(bar, **dict(zip(names, scaled, strict=True)))

        return FakeMarket(
            {
                name: bars[: self.since] + [other(bar) for bar in bars[self.since :]]
                for name, bars in self.past.bars.items()
            }
        )
