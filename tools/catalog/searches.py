"""Tools for many parameters or pasts: run_sweep (walked forward too) and run_monte_carlo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from tools.catalog.backtests import (
    MOST_SYMBOLS,
    CashArg,
    EndArg,
    StartArg,
    asked_run,
    kept,
    shown_figures,
)
from tools.catalog.rendering import number
from tools.catalog.spec import AsOfArg
from tools.clock import moment
from tools.domain.errors import InputError
from tools.ports import Clock, MarketData

if TYPE_CHECKING:
    from tools.backtest.running import Backtester
    from tools.backtest.search.asked import Search
    from tools.backtest.search.playing import Hands

MOST = 200
"""Runs of one call: somebody waits for the answer."""
BEST = 5
JUDGE = 252  # days: fewer folds, and so fewer runs, than the terminal's half a year
PATHS = 10_000
QUANTILES = ("p5", "p50", "p95")
GridArg = Annotated[
    dict[str, str],
    Field(description="10,20,50 or 10:60:10 by parameter", max_length=10),
]


@dataclass(frozen=True, slots=True)
class UpTo:
    """Prices as if the newest moment were ``at``."""

    market: MarketData
    at: datetime

    def latest(self) -> datetime:
        """``at``, or where the prices end before."""
        return min(self.market.latest(), self.at)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.market, name)


class SearchTools:
    """Searches over the strategies that come with Tollgate, kept like those of the terminal."""

    def __init__(self, clock: Clock, backtester: Callable[[], Backtester], folder: Path) -> None:
        """``backtester`` is made when it is first needed; all is kept in ``folder``."""
        self._clock, self._backtester, self._folder = clock, backtester, folder

    def run_sweep(
        self,
        strategy: Annotated[str, Field(description="as in run_backtest", max_length=40)],
        symbols: Annotated[list[str], Field(max_length=MOST_SYMBOLS)],
        grid: GridArg,
        as_of: AsOfArg = None,
        start: StartArg = None,
        end: EndArg = None,
        cash: CashArg = None,
        walk_forward: Annotated[bool, Field(description="judge the choice on later days")] = False,
    ) -> dict[str, Any]:
        """The best points of the grid by Sharpe ratio, and what the best of so many is worth.

        Walked forward the figures are of the judged days alone.
        """
        search = self._search(strategy, symbols, grid, start, end, cash)
        played = self._walked if walk_forward else self._swept
        return played(search, grid, *self._hands(as_of))

    def _swept(
        self, search: Search, grid: dict[str, str], backtester: Backtester, hands: Hands
    ) -> dict[str, Any]:
        from tools.backtest.search.sweeping import sweep

        document = sweep(backtester, search, hands)
        ranked = sorted(document["points"], key=lambda one: -(one["figures"].get("sharpe") or -1e9))
        return self._told(document) | {
            "points": len(document["points"]),
            "best": [
                {"params": _chosen(one["params"], grid), **shown_figures(one["figures"])}
                for one in ranked[:BEST]
            ],
        }

    def _walked(
        self, search: Search, grid: dict[str, str], backtester: Backtester, hands: Hands
    ) -> dict[str, Any]:
        from tools.backtest.search.folds import Walk
        from tools.backtest.search.walking import walk_forward

        document = walk_forward(backtester, search, Walk(judge=JUDGE), hands)
        beside = {n.replace(" ", "_"): one for n, one in document["benchmarks"].items()}
        return self._told(document) | {
            "folds": [
                {"from": one["judge"][0], "to": one["judge"][1],
                 "params": _chosen(one["params"], grid)}
                for one in document["folds"]
            ],
            "figures": shown_figures(document["figures"]),
            "benchmarks": {name: shown_figures(one) for name, one in beside.items()},
        }  # fmt: skip

    def run_monte_carlo(
        self,
        run: Annotated[str, Field(description="id that run_backtest gave", max_length=12)],
    ) -> dict[str, Any]:
        """Quantiles over other pasts drawn from a kept run's own returns in blocks."""
        from tools.backtest.keeping import Runs
        from tools.backtest.other_pasts.document import Wish, monte_carlo

        document = monte_carlo(Runs(self._folder).get(run), Wish(PATHS))
        way = document["ways"]["returns in blocks"]
        figures = way["figures"]
        return {
            "simulated": True,
            "id": document["id"],
            "of": document["of"],
            "paths": way["paths"],
            "quantiles": {
                part: {
                    name: None if (value := figures[name].get(part)) is None else number(value, 4)
                    for name in ("total_return", "sharpe", "max_drawdown")
                }
                for part in QUANTILES
            },
            "chance_of_loss": number(figures["loss"], 4),
            "findings": document["said"],
            "report": kept(document, self._folder),
        }

    def _search(
        self,
        strategy: str,
        symbols: list[str],
        grid: dict[str, str],
        start: str | None,
        end: str | None,
        cash: str | None,
    ) -> Search:
        from tools.backtest.loading import find
        from tools.backtest.search.asked import Search
        from tools.backtest.search.grid import grid_of

        request = asked_run(strategy, symbols, start, end, cash)
        # Too many are told before anything is read.
        _not_too_many(0, 0, len(grid_of(find(request.strategy).kind, grid).points))
        return Search(request, grid)

    def _hands(self, as_of: str | None) -> tuple[Backtester, Hands]:
        from tools.backtest.search.playing import Hands
        from tools.backtest.search.points import Points
        from tools.backtest.search.workers.here import Here

        found = self._backtester()
        backtester = replace(found, market=UpTo(found.market, moment(as_of, self._clock)))
        return backtester, Hands(Here(backtester), Points(self._folder / "points"), _not_too_many)

    def _told(self, document: dict[str, Any]) -> dict[str, Any]:
        record, found = document["record"], document["validation"]
        return {
            "simulated": True,
            "id": document["id"],
            "strategy": record["strategy"],
            "symbols": record["symbols"],
            "from": record["start"][:10],
            "to": record["end"][:10],
            "trials": found["trials"],
            "promoted": found["promoted"],
            "findings": [*found["reasons"], *_sentences(document)][:5],
            "failed": len(document["failed"]),
            "report": kept(document, self._folder),
        }


def _sentences(document: dict[str, Any]) -> list[str]:
    return [one["sentence"] for one in document.get("findings", ())]


def _chosen(params: dict[str, Any], grid: dict[str, str]) -> str:
    """The parameters that the grid turns, as text."""
    return ", ".join(f"{name}={params[name]}" for name in grid if name in params) or "none"


def _not_too_many(done: int, before: int, whole: int) -> None:
    if whole - before > MOST:
        raise InputError(
            f"That is {whole:,} backtests, and {MOST} are played for one answer. Take fewer values "
            "or days, or let the terminal play them: `tollgate backtest sweep` and `tollgate "
            "backtest walk-forward` take 5,000, on every core."
        )
