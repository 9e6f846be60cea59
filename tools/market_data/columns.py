"""Many bars, trades or quotes of one symbol as columns, for what is too much to hold one by one.

Prices and sizes are float64, which gives back every decimal of up to fifteen digits exactly; times
are int64 nanoseconds since 1970 UTC. Rows are ordered by ``known``, then as they came. The arrays
are read-only. Bars, Ticks and Quotes one by one are Decimal (``tools.domain.market``).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from tools.domain.errors import InputError
from tools.domain.market import aware_utc
from tools.domain.timeframe import Timeframe

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def nanoseconds(moment: datetime) -> int:
    """Since 1970 UTC, exact to the microsecond; raises InputError without a time zone."""
    since = aware_utc(moment) - EPOCH
    return (since.days * 86_400_000_000 + since.seconds * 1_000_000 + since.microseconds) * 1000


def moment_of(value: int) -> datetime:
    """The aware UTC moment of so many nanoseconds; what is below a microsecond is cut off."""
    return EPOCH + timedelta(microseconds=int(value) // 1000)


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """What the three kinds share: whose they are, where from, and since when each row is known."""

    symbol: str
    source: str
    known: Times

    def __post_init__(self) -> None:
        """Raises InputError for columns of unlike length or type, or not ordered by ``known``."""
        for row in fields(self):
            column = getattr(self, row.name)
            if not isinstance(column, np.ndarray):
                continue
            wanted = np.int64 if row.type in ("Times", Times) else np.float64
            if column.ndim != 1 or len(column) != len(self.known) or column.dtype != wanted:
                raise InputError(
                    f"The column {row.name} of {self.symbol} must be flat, {len(self.known)} long "
                    f"and {np.dtype(wanted)}; it is {column.dtype} of shape {column.shape}."
                )
            column.setflags(write=False)
        if (np.diff(self.known) < 0).any():
            raise InputError(f"The rows of {self.symbol} are not ordered by when they were known.")

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.known)

    def rows(self, start: int, stop: int) -> Self:
        """Rows ``start`` to ``stop`` without the last, as views."""
        return self._cut(slice(start, stop))

    def where(self, mask: npt.NDArray[np.bool_]) -> Self:
        """The rows that ``mask`` says, as copies."""
        return self._cut(mask)

    def _cut(self, which: slice | npt.NDArray[np.bool_]) -> Self:
        cut: dict[str, Any] = {
            row.name: column[which]
            for row in fields(self)
            if isinstance(column := getattr(self, row.name), np.ndarray)
        }
        return replace(self, **cut)

    def as_of(self, moment: datetime) -> Self:
        """What was known at ``moment`` (aware), that moment included."""
        return self.rows(0, int(np.searchsorted(self.known, nanoseconds(moment), side="right")))


@dataclass(frozen=True, slots=True, eq=False)
class BarColumns(Columns):
    """Bars of one timeframe: ``start`` is when each opened, ``known`` when it was closed.

    ``volume`` is in units of the instrument, NaN where nobody says.
    """

    timeframe: Timeframe
    start: Times
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats


@dataclass(frozen=True, slots=True, eq=False)
class TickColumns(Columns):
    """Trades: ``time`` is the exchange's moment of each; ``size`` in units of the instrument."""

    time: Times
    price: Floats
    size: Floats


@dataclass(frozen=True, slots=True, eq=False)
class QuoteColumns(Columns):
    """Best bids and asks, of one exchange or of all; sizes are NaN where nobody says."""

    time: Times
    bid: Floats
    ask: Floats
    bid_size: Floats
    ask_size: Floats
