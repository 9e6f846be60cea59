"""What a run is asked for, and the record that says how to get the same again."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tools.backtest.costs import Costs
from tools.backtest.policy import RESEARCH
from tools.backtest.strategy import Value
from tools.backtest.ticks import On
from tools.domain.errors import InputError
from tools.domain.timeframe import DAILY, Timeframe

MOST_CASH = 1e12
MOST_SEED = 2**32 - 1
"""The most that NumPy takes."""
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Request:
    """A run as a person asks for it.

    ``strategy`` is a name or the path of a file; ``start`` and ``end`` are the first and the last
    day (both included), None for all there is. ``limits`` is ``research``, a profile or a file.
    ``on`` says what orders meet; of trades and quotes ``timeframe`` None calls the strategy at each
    moment of them, and ``recording`` is the file or folder that has them, None for the feeds.
    ``delisted`` is the part of the last close that is paid for what has no more prices, None to
    hold it to the end. ``currency`` is the account's, empty for the one that all symbols trade in,
    or dollars where they trade in several.
    """

    strategy: str
    symbols: tuple[str, ...]
    start: date | None = None
    end: date | None = None
    timeframe: Timeframe | None = DAILY
    params: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    cash: float = 100_000.0
    costs: Costs = field(default_factory=Costs)
    limits: str = RESEARCH
    seed: int = 0
    on: On = On.BARS
    recording: Path | None = None
    delisted: float | None = 1.0
    currency: str = ""

    def __post_init__(self) -> None:
        """Raises InputError for days, money, a seed or a timeframe that no run can have."""
        if self.start is not None and self.end is not None and self.start > self.end:
            raise InputError(f"The run ends on {self.end}, before it begins on {self.start}.")
        if not 1 <= self.cash <= MOST_CASH:
            raise InputError(f"The cash must be from 1 to {MOST_CASH:.0e}, was {self.cash:g}.")
        if not 0 <= self.seed <= MOST_SEED:
            raise InputError(f"The seed must be a whole number from 0 to {MOST_SEED}.")
        if self.timeframe is not None and not (self.timeframe.intraday or self.timeframe == DAILY):
            raise InputError(
                f"A run goes by bars of a day or shorter, not {self.timeframe}: orders are judged "
                f"and met by the day. A strategy sees longer bars by asking for them, as in "
                f'context.closes("IBM", 20, timeframe="{self.timeframe}").'
            )
        if self.currency and not _CURRENCY.fullmatch(self.currency):
            raise InputError(
                f"A currency is three capital letters such as EUR, was {self.currency[:20]!r}."
            )
        if self.on is On.BARS and self.timeframe is None:
            raise InputError("A run on bars needs a timeframe, such as 1d or 5m.")
        if self.on is On.BARS and self.recording is not None:
            raise InputError("A recording has trades and quotes: say --on quotes or --on trades.")


def frame_of(text: str | None, on: On) -> Timeframe | None:
    """The timeframe that was asked for; without one days, or each moment of ticks."""
    if text is not None:
        return Timeframe.parse(text)
    return DAILY if on is On.BARS else None


@dataclass(frozen=True, slots=True)
class Record:
    """All that decides what comes out of a run; the same record gives the same result.

    ``on`` says what orders met and ``timeframe`` when the strategy was called: ``each`` moment of
    them, or a bar. ``data`` is the hash of all of that, ``code`` that of this program's own source,
    ``source`` that of the strategy's file and ``limits_hash`` that of the limits as they were used.
    """

    strategy: str
    file: str
    source: str
    params: Mapping[str, Value]
    symbols: tuple[str, ...]
    on: str
    timeframe: str
    start: str
    end: str
    bars: int
    cash: float
    currency: str
    costs: Mapping[str, float]
    delisted: float | None
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
