"""Chosen features of one symbol: of each bar when it is finished, and of the one under way."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from typing import Any

from tools.features.inputs import session_of
from tools.features.live import Live
from tools.market_data.aggregation.finished import Finished
from tools.market_data.columns import moment_of
from tools.streaming.flow import COLUMNS

logger = logging.getLogger(__name__)

NEVER = -(2**62)
SOME_DAY = 1_577_977_200 * 10**9
"""Nanoseconds; a session of every calendar, to be computed once before it counts."""

JUMP = 1.5
"""The first price may be so many times the last one of history, or as much below."""

NOTHING = (math.nan,) * len(COLUMNS)
Row = tuple[float, ...]


class LiveFeatures:
    """Bars of one timeframe go in. A finished one gives the bits that ``compute`` gives on the
    finished bars so far, those of history included. Not for two threads.
    """

    def __init__(
        self,
        symbol: str,
        calendar: str,
        timeframe: str,
        names: Sequence[str],
        *,
        flow: bool = False,
    ) -> None:
        """``flow`` says that the columns of ``streaming.flow`` come with each bar.

        InputError for names that can't be streamed, as in ``features.live``.
        """
        self._symbol, self._calendar, self._timeframe = symbol, calendar, timeframe
        self._names, self._more = tuple(names), COLUMNS if flow else ()
        self._live = Live(names, calendar, self._more)
        self._last = self._known = NEVER
        self._history: tuple[int, float] | None = None  # until when, and its last close
        self._joined, self._notice = False, ""
        # The first use compiles, some seconds: not when a trade waits.
        self.so_far(Finished(SOME_DAY, SOME_DAY, SOME_DAY, 1.0, 1.0, 1.0, 1.0, 1.0, 0))
        self._joined = False

    def warm(self, bars: Sequence[Finished]) -> None:
        """Take in finished bars of the past, as prices of now (splits taken out), oldest first."""
        for bar in bars:
            if bar.start > self._last and not self._joined:
                self._push(bar, NOTHING)
                self._history = self._known, bar.close

    def finished(self, bar: Finished, flow: Row = NOTHING) -> dict[str, object] | None:
        """None for a later version, and a bar before the last one: nobody had it in its place."""
        if bar.version or bar.start <= self._last:
            return None
        self._join(bar)
        return self._told(bar, self._push(bar, flow), finished=True)

    def so_far(self, bar: Finished, flow: Row = NOTHING) -> dict[str, object] | None:
        """What a bar under way would give if it ended now; nothing is remembered."""
        if bar.start <= self._last:
            return None
        self._join(bar)
        bar = self._since(bar)
        return self._told(bar, self._live.peek(*self._given(bar, flow)), finished=False)

    def _push(self, bar: Finished, flow: Row) -> Row:
        bar = self._since(bar)
        self._last, self._known = bar.start, bar.known
        return self._live.push(*self._given(bar, flow))

    def _join(self, bar: Finished) -> None:
        """The first live price must be one that may follow the history's last."""
        if self._joined or self._history is None:
            self._joined = True
            return
        self._joined, before = True, self._history[1]
        if before / JUMP <= bar.open <= before * JUMP:
            return
        self._live = Live(self._names, self._calendar, self._more)
        self._history = None
        self._notice = (
            f"History ends at {before:g} and prices begin at {bar.open:g}, as after a split that "
            "the history doesn't tell of: it is left out."
        )
        logger.warning("%s %s: %s", self._symbol, self._timeframe, self._notice)

    def _since(self, bar: Finished) -> Finished:
        """The bar as of when it is told: never before the last one was known.

        A minute in which nobody had traded may come late, ahead of the next that is already due.
        """
        return bar._replace(known=max(bar.known, self._known))

    def _given(self, bar: Finished, flow: Row) -> tuple[Any, ...]:
        """As ``Live`` takes a bar."""
        day = session_of(self._calendar, bar.start)
        return (*bar[3:8], day, float(bar.known), flow if self._more else ())

    def _told(self, bar: Finished, values: Row, *, finished: bool) -> dict[str, object]:
        history = self._history
        told: dict[str, object] = {
            "type": "features",
            "symbol": self._symbol,
            "timeframe": self._timeframe,
            "start": moment_of(bar.start).isoformat(),
            "at": moment_of(max(bar.known, self._known)).isoformat(),
            "finished": finished,
            "history": None if history is None else moment_of(history[0]).isoformat(),
            "values": {
                key: value if math.isfinite(value) else None
                for key, value in zip(self._live.keys, values, strict=True)
            },
        }
        return told | {"notice": self._notice} if self._notice else told
