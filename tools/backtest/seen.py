"""What a strategy has seen of one symbol: rows are added as they become known, and no others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tools.backtest.series import CLOSE, RATIO
from tools.market_data.columns import Floats

Row = Sequence[float]


class Seen:
    """The bars so far. The future is not in the object, so nobody can look ahead in it.

    ``last`` is the newest row: open, high, low, close, volume, ratio; ``at`` when it was known.
    """

    __slots__ = ("_count", "_new", "_rows", "at", "last", "symbol")

    def __init__(self, symbol: str) -> None:
        """Nothing seen yet."""
        self.symbol = symbol
        self.last: Row = ()
        self.at = 0
        self._new: list[Row] = []
        self._rows: Floats = np.full((256, RATIO + 1), np.nan)
        self._count = 0

    def __len__(self) -> int:
        """The number of bars so far."""
        return self._count + len(self._new)

    def show(self, row: Row, at: int) -> None:
        """One more bar, known at ``at`` (nanoseconds)."""
        self.last, self.at = row, at
        self._new.append(row)

    def fill(self, rows: Floats, at: int) -> None:
        """Many bars at once: what was known before the run began."""
        if len(rows):
            self._new += rows.tolist()
            self.last, self.at = self._new[-1], at

    def column(self, which: int, count: int) -> Floats:
        """The last ``count`` values (fewer where there are fewer), oldest first, a fresh array.

        Prices are as they would be had the splits and dividends until now always been paid, so the
        newest is the raw one.
        """
        rows = self._all()
        start = max(self._count - max(count, 0), 0)
        found = rows[start : self._count, which].copy()
        if which <= CLOSE and len(found):
            ratio = rows[start : self._count, RATIO]
            if (ratio != ratio[-1]).any():
                found *= ratio / ratio[-1]
        return found

    def raw(self) -> Floats:
        """Every row so far as it was traded, read-only, shape ``(n, 6)``."""
        rows = self._all()[: self._count]
        rows.setflags(write=False)
        return rows

    def _all(self) -> Floats:
        if self._new:
            end = self._count + len(self._new)
            if end > len(self._rows):
                grown = np.full((max(2 * len(self._rows), end), RATIO + 1), np.nan)
                grown[: self._count] = self._rows[: self._count]
                self._rows = grown
            self._rows[self._count : end] = self._new
            self._count = end
            self._new.clear()
        return self._rows
