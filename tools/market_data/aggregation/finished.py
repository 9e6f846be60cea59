"""A finished bar, and many of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tools.domain.timeframe import Timeframe
from tools.market_data.columns import BarColumns, Times


class Finished(NamedTuple):
    """One bar from ``start`` to before ``end`` as it was first given (version 0) or given again.

    Times are nanoseconds since 1970 UTC. ``known`` is its end and the patience, or later when what
    it was made of was known later.
    """

    start: int
    end: int
    known: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    version: int


@dataclass(frozen=True, slots=True)
class Aggregated:
    """All bars, ordered by ``known``; a bar that late trades changed is there in each version.

    Nothing is left out without being counted: ``outside`` the hours, ``late`` (in a later version
    of their bar), ``too_late`` (more than a day after their bar: in none), ``ahead`` (from the
    future: in none), ``unpriced`` (volume in bars where nothing set a price: in none).
    """

    bars: BarColumns
    version: Times
    outside: int = 0
    late: int = 0
    too_late: int = 0
    ahead: int = 0
    unpriced: float = 0.0


def collected(
    rows: Sequence[Finished], symbol: str, source: str, timeframe: Timeframe
) -> tuple[BarColumns, Times]:
    """The bars ordered by ``known``, then start and version, and the version of each."""
    ordered = sorted(rows, key=lambda row: (row.known, row.start, row.version))
    times = np.array([(row.start, row.known, row.version) for row in ordered], np.int64)
    prices = np.array([row[3:8] for row in ordered], np.float64)
    start, known, version = times.reshape(-1, 3).T.copy()
    opens, high, low, close, volume = prices.reshape(-1, 5).T.copy()
    bars = BarColumns(symbol, source, known, timeframe, start, opens, high, low, close, volume)
    return bars, version
