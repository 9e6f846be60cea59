"""Sessions of one symbol as they were known at a moment, the last of them so far.

The desk and its gate reckon in days: the volume of an average day, how far a day moves. Of a run
on shorter bars, trades or quotes they are shown days as well, as a live desk is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from tools.domain.instrument import Instrument
from tools.domain.market import Bar
from tools.market_data.columns import Floats, Times, moment_of
from tools.market_data.sessions import trading_day
from tools.streaming.recording import exact

HALF_HOUR = 1800 * 10**9
Rows = npt.NDArray[np.int64]


class Sessions:
    """``before`` are whole daily bars, used until the first session of the rows.

    Rows are ordered by ``known``; ``time`` is when each happened, both int64 nanoseconds since 1970
    UTC. ``prices`` has open, high, low and close, shape ``(n, 4)``, ``volume`` shape ``(n,)``.
    """

    def __init__(
        self,
        listed: Instrument,
        before: Sequence[Bar],
        time: Times,
        known: Times,
        prices: Floats,
        volume: Floats,
    ) -> None:
        """There must be at least one row."""
        self._symbol, self._time, self._known = listed.symbol, time, known
        spans, place = np.unique(time // HALF_HOUR, return_inverse=True)
        self._days = [trading_day(listed.calendar, moment_of(int(at) * HALF_HOUR)) for at in spans]
        # What is told late, of a session that is over, counts in the one under way.
        self._place: Rows = np.maximum.accumulate(place)
        days = np.array([day.toordinal() for day in self._days], np.int64)[self._place]
        self._first: Rows = np.flatnonzero(np.diff(days, prepend=days[0] - 1))
        ends = [*self._first[1:].tolist(), len(time)]
        pieces = [slice(a, b) for a, b in zip(self._first.tolist(), ends, strict=True)]
        opens, high, low, self._close = prices.T
        self._open: Floats = opens[self._first]
        self._high = np.concatenate([np.maximum.accumulate(high[one]) for one in pieces])
        self._low = np.concatenate([np.minimum.accumulate(low[one]) for one in pieces])
        self._volume = np.concatenate([np.cumsum(volume[one]) for one in pieces])
        self._before = [bar for bar in before if bar.session < self._day(0)]
        self._whole: dict[int, Bar] = {}

    def at(self, count: int, most: int) -> tuple[Bar, ...]:
        """The newest ``most`` sessions when ``count`` rows are known; may be empty."""
        now = int(np.searchsorted(self._first, count)) - 1
        since = max(now + 1 - most, 0)
        found = [self._bar(one) for one in range(since, now)]
        if now >= 0:
            found.append(self._made(now, count - 1))
        room = most - len(found)
        return (*(self._before[-room:] if room > 0 else ()), *found)

    def _bar(self, session: int) -> Bar:
        """A session that is over; made once."""
        if session not in self._whole:
            self._whole[session] = self._made(session, int(self._first[session + 1]) - 1)
        return self._whole[session]

    def _made(self, session: int, last: int) -> Bar:
        first = int(self._first[session])
        return Bar(
            self._symbol,
            self._day(last),
            moment_of(self._time[first]),
            moment_of(self._known[last]),
            exact(self._open[session]),
            exact(self._high[last]),
            exact(self._low[last]),
            exact(self._close[last]),
            exact(self._volume[last]),
        )

    def _day(self, row: int) -> date:
        return self._days[int(self._place[row])]
