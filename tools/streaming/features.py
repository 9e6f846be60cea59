"""Chosen features of one symbol: of each bar when it is finished, and of the one under way."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tools.features.inputs import session_of
from tools.features.live import Live
from tools.market_data.aggregation.finished import Finished
from tools.market_data.columns import moment_of

NEVER = -(2**62)
SOME_DAY = 1_577_977_200 * 10**9
"""Nanoseconds; a session of every calendar, to be computed once before it counts."""


class LiveFeatures:
    """Bars of one timeframe go in. A finished one gives the bits that ``compute`` gives on the
    finished bars so far. Prices are taken as they come: a split is a jump. Not for two threads.
    """

    def __init__(self, symbol: str, calendar: str, timeframe: str, names: Sequence[str]) -> None:
        """InputError for names that can't be streamed, as in ``features.live``."""
        self._symbol, self._calendar, self._timeframe = symbol, calendar, timeframe
        self._live = Live(names, calendar)
        self._last = self._known = NEVER
        # The first use compiles, some seconds: not when a trade waits.
        self.so_far(Finished(SOME_DAY, SOME_DAY, SOME_DAY, 1.0, 1.0, 1.0, 1.0, 1.0, 0))

    def finished(self, bar: Finished) -> dict[str, object] | None:
        """None for a later version, and a bar before the last one: nobody had it in its place."""
        if bar.version or bar.start <= self._last:
            return None
        bar = self._since(bar)
        self._last, self._known = bar.start, bar.known
        return self._told(bar, self._live.push(*self._given(bar)), finished=True)

    def so_far(self, bar: Finished) -> dict[str, object] | None:
        """What a bar under way would give if it ended now; nothing is remembered."""
        if bar.start <= self._last:
            return None
        bar = self._since(bar)
        return self._told(bar, self._live.peek(*self._given(bar)), finished=False)

    def _since(self, bar: Finished) -> Finished:
        """The bar as of when it is told: never before the last one was known.

        A minute in which nobody had traded may come late, ahead of the next that is already due.
        """
        return bar._replace(known=max(bar.known, self._known))

    def _given(self, bar: Finished) -> tuple[float, ...]:
        return (*bar[3:8], session_of(self._calendar, bar.start), float(bar.known))

    def _told(
        self, bar: Finished, values: tuple[float, ...], *, finished: bool
    ) -> dict[str, object]:  # fmt: skip
        return {
            "type": "features",
            "symbol": self._symbol,
            "timeframe": self._timeframe,
            "start": moment_of(bar.start).isoformat(),
            "at": moment_of(bar.known).isoformat(),
            "finished": finished,
            "values": {
                key: value if math.isfinite(value) else None
                for key, value in zip(self._live.keys, values, strict=True)
            },
        }
