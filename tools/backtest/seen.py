"""What a strategy has seen of one symbol: rows are added as they become known, and no others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tools.backtest.series import CLOSE, OPENED, RATIO
from tools.market_data.columns import Floats

Row = Sequence[float]


class Seen:
    """The bars so far. The future is not in the object, so nobody can look ahead in it.

    ``last`` is the newest row as in ``Series.values``; ``at`` is when it was known.
    """

    __slots__ = ("_count", "_new", "_rows", "at", "calendar", "last", "symbol", "timeframe")

    def __init__(
        self,
        symbol: str,
        width: int = OPENED + 1,
        calendar: str = "XNYS",
        timeframe: str = "1d",
    ) -> None:
        """Nothing seen yet; ``width`` is how many numbers a row has.

        ``calendar`` is the listing's and ``timeframe`` that of the bars, empty of trades or quotes.
        """
        self.symbol, self.calendar, self.timeframe = symbol, calendar, timeframe
        self.last: Row = ()
        self.at = 0
        self._new: list[Row] = []
        self._rows: Floats = np.full((256, width), np.nan)
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
            self._all()
            self._put(rows)
            self.last, self.at = rows[-1].tolist(), at

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
        """Every row so far as it was traded, read-only, as in ``Series.values``."""
        rows = self._all()[: self._count]
        rows.setflags(write=False)
        return rows

    def settle(self, rows: Floats) -> None:
        """The same rows that were shown last, as an array: a million lists would be slow to keep.

        Whatever of them was not put away yet is taken from there.
        """
        if self._new:
            self._put(rows[len(rows) - len(self._new) :])

    def _all(self) -> Floats:
        if self._new:
            self._put(self._new)
        return self._rows

    def _put(self, rows: Floats | list[Row]) -> None:
        end = self._count + len(rows)
        if end > len(self._rows):
            grown = np.full((max(2 * len(self._rows), end), self._rows.shape[1]), np.nan)
            grown[: self._count] = self._rows[: self._count]
            self._rows = grown
        self._rows[self._count : end] = rows
        self._count = end
        self._new.clear()
