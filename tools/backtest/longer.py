"""Bars of a longer timeframe, made from the bars of a run that were seen so far."""

from __future__ import annotations

import numpy as np

from tools.backtest.seen import Seen
from tools.backtest.series import CLOSE, HIGH, LOW, OPEN, OPENED, RATIO, VOLUME
from tools.domain.timeframe import Timeframe
from tools.market_data.aggregation.finished import Finished
from tools.market_data.aggregation.grid import Grid
from tools.market_data.aggregation.items import ALL, Item
from tools.market_data.aggregation.stream import Aggregator
from tools.market_data.columns import Floats


class Longer:
    """The bars of ``aggregation`` that were finished at the last ``catch_up``, and no other.

    Of the regular session where the run's bars are shorter than a day. They are made of prices free
    of splits and dividends, and read as those of the last bar seen.
    """

    def __init__(self, seen: Seen, timeframe: Timeframe) -> None:
        """Raises InputError where such bars can't be made from the run's."""
        self._seen = seen
        self._frame = Timeframe.parse(seen.timeframe) if seen.timeframe else None
        self._stream = Aggregator(Grid(timeframe, seen.calendar))
        self._rows: list[tuple[float, float, float, float, float]] = []
        self._taken = 0

    def __len__(self) -> int:
        """How many are finished."""
        return len(self._rows)

    def catch_up(self, now: int) -> None:
        """Take in what was seen since; a bar that ended by ``now`` (nanoseconds) is finished."""
        fresh = self._seen.raw()[self._taken :]
        self._taken += len(fresh)
        for row in fresh.tolist():
            self._keep(self._pushed(row))
        self._keep(self._stream.advance(now))

    def column(self, which: int, count: int) -> Floats:
        """As ``Seen.column``."""
        rows = self._rows[max(len(self._rows) - max(count, 0), 0) :]
        found = np.array([row[which] for row in rows], np.float64)
        return found / self._seen.last[RATIO] if which <= CLOSE and len(found) else found

    def _pushed(self, row: list[float]) -> list[Finished]:
        start, ratio, frame = int(row[OPENED]) * 1000, row[RATIO], self._frame
        prices = (row[OPEN] * ratio, row[HIGH] * ratio, row[LOW] * ratio, row[CLOSE] * ratio)
        if frame is None:
            return self._stream.put(Item(start, start, start, *prices, row[VOLUME], ALL))
        return self._stream.push_bar(Finished(start, start, start, *prices, row[VOLUME], 0), frame)

    def _keep(self, done: list[Finished]) -> None:
        self._rows += [(one.open, one.high, one.low, one.close, one.volume) for one in done]
