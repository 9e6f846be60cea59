"""Searches made for tests, and workers that others can open by name."""

from __future__ import annotations

from pathlib import Path

from tests.backtest.past import market, over, written
from tools.backtest.request import Request
from tools.backtest.search.asked import Search
from tools.backtest.search.combining import combine
from tools.backtest.search.crossing import Crossing
from tools.backtest.search.folds import Walk
from tools.backtest.search.playing import Hands
from tools.backtest.search.points import Points
from tools.backtest.search.sweeping import sweep
from tools.backtest.search.walking import walk_forward
from tools.backtest.search.worker import Worker
from tools.backtest.search.workers.here import Here

GRID = {"fast": "2,5,20", "slow": "10,30"}

BUYS = "context.position('IBM') or context.order('IBM', SIZE)"


def hands(folder: Path, backtester, workers=None, told=lambda *_: None) -> Hands:
    return Hands(workers or Here(backtester), Points(folder / "points"), told)


def search(strategy="dual_moving_average", grid=None, symbols=("IBM",), **more) -> Search:
    asked = {name: more.pop(name) for name in ("each", "metric") if name in more}
    return Search(Request(strategy, symbols, **more), GRID if grid is None else grid, **asked)


def swept(folder: Path, past, asked: Search, workers=None):
    backtester = over(past)
    return sweep(backtester, asked, hands(folder, backtester, workers))


def walked(folder: Path, past, asked: Search, walk: Walk, workers=None):
    backtester = over(past)
    return walk_forward(backtester, asked, walk, hands(folder, backtester, workers))


def open_on(bars: int) -> Worker:
    return Worker(over(market(bars)))


def sized(folder: Path, body: str, name: str = "mine") -> str:
    """A strategy with the parameter ``size``."""
    return written(folder, body.replace("SIZE", "self.size"), name)


def crossed(folder: Path, past, asked: Search, crossing: Crossing, workers=None):
    backtester = over(past)
    return combine(backtester, asked, crossing, hands(folder, backtester, workers))
