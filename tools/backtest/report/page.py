"""A kept document as one HTML page, by its kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tools.backtest.report.comparison_page import comparison_page
from tools.backtest.report.crossed_page import crossed_page
from tools.backtest.report.fan import monte_carlo_page
from tools.backtest.report.run_page import run_page
from tools.backtest.report.shapes import Run, shaped
from tools.backtest.report.shapes_compared import Comparison
from tools.backtest.report.shapes_crossed import Crossed
from tools.backtest.report.shapes_search import MonteCarlo, Sweep, Walk
from tools.backtest.report.sweep_page import sweep_page
from tools.backtest.report.walk_page import walk_page
from tools.domain.errors import StateError

RUN, LOTS = "run", "monte-carlo"
PAGES: dict[str, Callable[[dict[str, Any]], str]] = {
    "sweep": lambda document: sweep_page(shaped(Sweep, document)),
    "walk-forward": lambda document: walk_page(shaped(Walk, document)),
    "combinatorial": lambda document: crossed_page(shaped(Crossed, document)),
    LOTS: lambda document: monte_carlo_page(shaped(MonteCarlo, document)),
    "comparison": lambda document: comparison_page(shaped(Comparison, document)),
}


def page(document: dict[str, Any], lots: dict[str, Any] | None = None) -> str:
    """It opens without a network and runs no script; ``lots`` is Monte Carlo of the same run.

    A document without a kind is a run. Raises StateError, with what is wrong, for one that was
    changed since it was kept.
    """
    kind = document.get("kind", RUN)
    if kind == RUN:
        fan = None if lots is None else shaped(MonteCarlo, lots)
        return run_page(shaped(Run, document), fan)
    made = PAGES.get(str(kind))
    if made is None:
        raise StateError(f"there is no page for a kept document of the kind {str(kind)[:40]!r}")
    return made(document)
