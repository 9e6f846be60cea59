"""A run of the agents over the past as it is asked for, and who hears of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from app.past.outlook import MOST_CALLS
from tools.backtest.costs import Costs
from tools.backtest.policy import RESEARCH
from tools.backtest.result import Result

Told = Callable[[int, int], None]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A run as a person asks for it.

    ``asks`` are asked in their order at each moment of ``every``; ``symbols`` are more that the
    agents may look at. ``record`` is where a model's answers go, ``recorded`` whence they come, and
    ``most_calls`` how often it may be asked.
    """

    asks: tuple[str, ...]
    symbols: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    every: str = "day"
    cash: float = 100_000.0
    costs: Costs = field(default_factory=Costs)
    limits: str = RESEARCH
    record: Path | None = None
    recorded: Path | None = None
    knowledge_ends: date | None = None
    most_calls: int = MOST_CALLS
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Hearer:
    """Who follows a run: ``told`` how many of all questions were asked, ``say`` a sentence.

    ``keep`` gets the result; until it has it, the answers of the run are not given up.
    """

    told: Told | None = None
    say: Say = lambda sentence: None
    keep: Callable[[Result], object] = lambda result: None


NOBODY = Hearer()
