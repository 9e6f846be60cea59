"""Quotes and trades as columns beside the bars of a stream: those that the batch puts there."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tools.domain.timeframe import MINUTE
from tools.features.flow import QUOTED, TRADED, with_quotes, with_trades
from tools.features.inputs import Inputs
from tools.market_data.aggregation.finished import Finished
from tools.market_data.columns import Floats, QuoteColumns, TickColumns, Times

COLUMNS = (*QUOTED, *TRADED)
MOST = 20_000
"""So many of the last quotes and of the trades are held at least, though no bar should end."""

Row = tuple[float, ...]


class Flow:
    """The quotes and trades since the last finished bar, and what stood before them.

    ``columns`` gives what ``features.flow`` gives on all so far: the same bits, but for the
    quoted spread, whose areas are summed from the bar on and not from the first quote (1e-9).
    """

    def __init__(self) -> None:
        """Nothing was heard yet."""
        self._quotes: list[Row] = []
        self._trades: list[Row] = []
        # The trade before the last change of price, and the last: they say who pushed.
        self._pushed: list[Row] = []
        self._before = 0

    def quote(self, known: int, *sides: float) -> None:
        """Bid, ask and their sizes, NaN where nobody says; ``known`` in nanoseconds."""
        _keep(self._quotes, (known, *sides))

    def trade(self, known: int, price: float, size: float) -> None:
        """One that counts, as any bar's."""
        _keep(self._trades, (known, price, size))

    def columns(self, bar: Finished) -> Row:
        """Of a bar that is known now, finished or not, in the order of COLUMNS."""
        quotes, trades = self._quotes, [*self._pushed, *self._trades]
        if not quotes and not trades:
            return (math.nan,) * len(COLUMNS)
        inputs = _two(self._before, bar)
        told = None
        if quotes:
            known, figures = _columns(quotes)
            told = QuoteColumns("", "", known, known, *figures)
        if told is not None:
            inputs = with_quotes(inputs, told)
        if trades:
            known, figures = _columns(trades)
            inputs = with_trades(inputs, TickColumns("", "", known, known, *figures), told)
        more = inputs.more
        return tuple(float(more[name][-1]) if name in more else math.nan for name in COLUMNS)

    def finished(self, bar: Finished) -> Row:
        """The same, and what was known by then is behind: the next bar begins."""
        found = self.columns(bar)
        self._before = max(self._before, bar.known)
        over = [row for row in self._quotes if row[0] <= bar.known]
        self._quotes = [*over[-1:], *self._quotes[len(over) :]]
        gone = [row for row in self._trades if row[0] <= bar.known]
        for row in gone:
            if self._pushed and row[1] == self._pushed[-1][1]:
                self._pushed[-1] = row
            else:
                self._pushed = [*self._pushed[-1:], row]
        self._trades = self._trades[len(gone) :]
        return found


def _keep(rows: list[Row], row: Row) -> None:
    rows.append(row)
    if len(rows) > 2 * MOST:
        del rows[:MOST]


def _columns(rows: Sequence[Row]) -> tuple[Times, list[Floats]]:
    """When each was known, and the figures; rows come as they became known."""
    known = np.maximum.accumulate(np.array([row[0] for row in rows], np.int64))
    return known, list(np.array([row[1:] for row in rows], np.float64).T.copy())


def _two(before: int, bar: Finished) -> Inputs:
    """The bar, behind one that ends where the one before it was known."""
    ended = min(before or bar.start, bar.known)
    start = np.array([min(ended - 1, bar.start), bar.start], np.int64)
    known = np.array([ended, bar.known], np.int64)
    one = np.ones(2)
    return Inputs("", "", MINUTE, "24/7", start, known, one, one, one, one, one, one)
