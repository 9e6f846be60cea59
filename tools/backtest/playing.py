"""The bars of a tape, one moment after another, to a strategy at its desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import numpy as np

from tools.backtest.seen import Row, Seen
from tools.backtest.series import Series
from tools.backtest.tape import Tape
from tools.backtest.trading import Trader
from tools.clock import SimulatedClock
from tools.domain.errors import InputError
from tools.market_data.columns import Times, moment_of, nanoseconds

CHUNK = 4096
Progress = Callable[[int, int], None]
Step = tuple[int, Sequence[str], Sequence[tuple[Seen, Row]]]


class Player:
    """Shows each bar when it was known, never before, and lets the desk catch up in between.

    The desk is visited only where something can have happened to the account: an order waits, a
    short position owes a fee, or a company acts. All else it makes up for at its next visit.
    """

    def __init__(
        self,
        tape: Tape,
        clock: SimulatedClock,
        seen: Sequence[Seen],
        start: datetime,
        end: datetime,
        acts: Sequence[datetime] = (),
    ) -> None:
        """Bars known before ``start`` are history; those after ``end`` are never shown.

        ``acts`` are the moments of splits and dividends. Raises InputError for fewer than two bars.
        """
        self._tape, self._clock, self._seen = tape, clock, seen
        first, last = nanoseconds(start), nanoseconds(end)
        self._from = {
            one.symbol: int(np.searchsorted(tape.series[one.symbol].known, first)) for one in seen
        }
        known = [tape.series[one.symbol].known[self._from[one.symbol] :] for one in seen]
        moments = np.unique(np.concatenate(known))
        self.moments: Times = moments[moments <= last]
        if len(self.moments) < 2:
            raise InputError(
                f"There are {len(self.moments)} bars of {', '.join(tape.series)} from "
                f"{start:%Y-%m-%d} to {end:%Y-%m-%d}: a backtest needs at least two, for what is "
                "decided on a bar can be met by the next one at the earliest."
            )
        places = np.searchsorted(self.moments, [nanoseconds(at) for at in acts])
        self._acts = frozenset(int(self.moments[at]) for at in places if at < len(self.moments))

    def play(self, trader: Trader, progress: Progress | None = None) -> None:
        """From the first bar to the last; what the strategy raises is told with its bar."""
        for seen in self._seen:
            series, begun = self._tape.series[seen.symbol], self._from[seen.symbol]
            if begun:
                seen.fill(series.values[:begun], int(series.known[begun - 1]))
        context, decide, acts = trader.context, trader.decide, self._acts
        count = 0
        for at, fresh, rows in self._steps():
            if trader.waiting or trader.short or at in acts:
                self._clock.turn_to(moment_of(at))
                trader.catch_up()
            for seen, row in rows:
                seen.show(row, at)
            context.begin(at, fresh)
            if wishes := decide():
                self._clock.turn_to(moment_of(at))
                trader.propose(wishes)
            count += 1
            if progress is not None and not count % CHUNK:
                progress(count, len(self.moments))
        self._clock.turn_to(moment_of(int(self.moments[-1])))
        trader.catch_up()
        if progress is not None:
            progress(count, len(self.moments))

    def _steps(self) -> Iterator[Step]:
        if len(self._seen) == 1:
            yield from self._alone(self._seen[0])
            return
        yield from self._together()

    def _alone(self, seen: Seen) -> Iterator[Step]:
        series, fresh = self._tape.series[seen.symbol], (seen.symbol,)
        begun = self._from[seen.symbol]
        for start in range(0, len(self.moments), CHUNK):
            stop = min(start + CHUNK, len(self.moments))
            rows = series.values[begun + start : begun + stop].tolist()
            for at, row in zip(self.moments[start:stop].tolist(), rows, strict=True):
                yield at, fresh, ((seen, row),)

    def _together(self) -> Iterator[Step]:
        feeds = [(seen, _bars(self._tape.series[seen.symbol], self._from[seen.symbol]))
                 for seen in self._seen]  # fmt: skip
        coming = [next(bars, None) for _, bars in feeds]
        for at in self.moments.tolist():
            rows: list[tuple[Seen, Row]] = []
            for place, (seen, bars) in enumerate(feeds):
                bar = coming[place]
                while bar is not None and bar[0] <= at:
                    rows.append((seen, bar[1]))
                    bar = next(bars, None)
                coming[place] = bar
            yield at, tuple(dict.fromkeys(seen.symbol for seen, _ in rows)), rows


def _bars(series: Series, begun: int) -> Iterator[tuple[int, Row]]:
    for start in range(begun, len(series), CHUNK):
        stop = start + CHUNK
        known, rows = series.known[start:stop].tolist(), series.values[start:stop].tolist()
        yield from zip(known, rows, strict=True)
