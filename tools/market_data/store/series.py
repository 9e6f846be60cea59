"""What is kept: one symbol's bars of a timeframe, trades or quotes, as one source gave them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from tools.domain.errors import InputError
from tools.domain.timeframe import Timeframe
from tools.market_data.symbols import canonical

# Nanoseconds since 1970 fit into 64 bits between these.
FIRST, LAST = datetime(1700, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

_SOURCE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


class Kind(StrEnum):
    """What a row is."""

    BARS = "bars"
    TRADES = "trades"
    QUOTES = "quotes"


# The figures of a row besides its times.
FIGURES = {
    Kind.BARS: ("open", "high", "low", "close", "volume"),
    Kind.TRADES: ("price", "size"),
    Kind.QUOTES: ("bid", "ask", "bid_size", "ask_size"),
}


@dataclass(frozen=True, slots=True)
class Series:
    """``source`` is the feed's short name; the rows of two feeds are never mixed.

    ``timeframe`` is of bars alone. Raises InputError for what can't be a series.
    """

    kind: Kind
    source: str
    symbol: str
    timeframe: Timeframe | None = None

    def __post_init__(self) -> None:
        """Check the names, which become folders."""
        if _SOURCE.fullmatch(self.source) is None:
            raise InputError(
                f"{self.source!r} is no name of a source: use small letters, digits, - and _."
            )
        if canonical(self.symbol) != self.symbol:
            raise InputError(f"{self.symbol!r} is spelled {canonical(self.symbol)!r} here.")
        if (self.timeframe is not None) != (self.kind is Kind.BARS):
            raise InputError("Bars have a timeframe; trades and quotes have none.")

    @property
    def frame(self) -> str:
        """The timeframe of bars, and ``tick`` for trades and quotes."""
        return str(self.timeframe or "tick")

    @property
    def order(self) -> tuple[str, str, str, str]:
        """What lists of series are sorted by."""
        return self.kind, self.symbol, self.frame, self.source

    def __str__(self) -> str:
        """For people: IBM bars 1d from yahoo."""
        return f"{self.symbol} {self.kind} {self.frame} from {self.source}"
