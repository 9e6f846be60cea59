"""What a run is asked for, and the record that says how to get the same again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from tools.backtest.costs import Costs
from tools.backtest.policy import RESEARCH
from tools.backtest.strategy import Value
from tools.domain.errors import InputError
from tools.domain.timeframe import DAILY, Timeframe

MOST_CASH = 1e12


@dataclass(frozen=True, slots=True)
class Request:
    """A run as a person asks for it.

    ``strategy`` is a name or the path of a file; ``start`` and ``end`` are the first and the last
    day (both included), None for all there is. ``limits`` is ``research``, a profile or a file.
    """

    strategy: str
    symbols: tuple[str, ...]
    start: date | None = None
    end: date | None = None
    timeframe: Timeframe = DAILY
    params: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    cash: float = 100_000.0
    costs: Costs = field(default_factory=Costs)
    limits: str = RESEARCH
    seed: int = 0

    def __post_init__(self) -> None:
        """Raises InputError for a start that doesn't come first, or money that can't be meant."""
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise InputError(f"The run ends on {self.end}, before it begins on {self.start}.")
        if not 1 <= self.cash <= MOST_CASH:
            raise InputError(f"The cash must be from 1 to {MOST_CASH:.0e}, was {self.cash:g}.")


@dataclass(frozen=True, slots=True)
class Record:
    """All that decides what comes out of a run; the same record gives the same result.

    ``data`` is the hash of every bar, ``code`` that of this program's own source, ``source`` that
    of the strategy's file and ``limits_hash`` that of the limits as they were used.
    """

    strategy: str
    file: str
    source: str
    params: Mapping[str, Value]
    symbols: tuple[str, ...]
    timeframe: str
    start: str
    end: str
    bars: int
    cash: float
    currency: str
    costs: Mapping[str, float]
    limits: str
    limits_hash: str
    data: str
    feeds: Mapping[str, str]
    code: str
    seed: int
    approvals: str

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        names = self.__slots__
        plain = {name: getattr(self, name) for name in names}
        return plain | {
            "params": dict(self.params),
            "symbols": list(self.symbols),
            "costs": dict(self.costs),
            "feeds": dict(self.feeds),
        }

    @property
    def id(self) -> str:
        """The start of the record's own SHA-256; where a file lies changes nothing."""
        plain = self.plain()
        del plain["file"]
        text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:12]
