"""The bars of a tape, one moment after another, to a strategy at its desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np

from tools.backtest.rates import Rates
from tools.backtest.reach import Reach, turns
from tools.backtest.seen import Row, Seen
from tools.backtest.series import Series
from tools.backtest.tape import Tape
from tools.backtest.trading import Trader
from tools.backtest.wish import Cancel, Change, Wish
from tools.clock import SimulatedClock
from tools.domain.errors import InputError
from tools.market_data.columns import Times, moment_of, nanoseconds

CHUNK = 512  # rows alive at once: with thousands, collecting garbage takes a third of the time
MINUTE_NS = 60 * 10**9
Progress = Callable[[int, int], None]
Step = tuple[int, Sequence[str], Sequence[tuple[Seen, Row]]]


class Player:
    """Shows each bar when it was known, never before, and lets the desk catch up in between.

    The desk is visited only where something can have happened to the account: an order waits (and
    on ticks may be reached), a short position owes a fee, or a company acts. All else it makes up
    for at its next visit.
    """

    def __init__(
        self,
        tape: Tape,
        clock: SimulatedClock,
        seen: Sequence[Seen],
        start: datetime,
        end: datetime,
        acts: Sequence[datetime] = (),
        latency: timedelta = timedelta(),
        rates: Rates | None = None,
    ) -> None:
        """Bars known before ``start`` are history; those after ``end`` are never shown.

        ``acts`` are the moments of splits and dividends, ``latency`` what an order takes to the
        venue; ``rates`` are told where the account has several currencies. Raises InputError for
        fewer than two bars.
        """
        self._tape, self._clock, self._seen, self._rates = tape, clock, seen, rates
        first, last = nanoseconds(start), nanoseconds(end)
        self._from = {
            one.symbol: int(np.searchsorted(tape.series[one.symbol].known, first)) for one in seen
        }
        known = [tape.series[one.symbol].known[self._from[one.symbol] :] for one in seen]
        moments = np.unique(np.concatenate(known))
        self.moments: Times = moments[moments <= last]
        if len(self.moments) < 2:
            begins = f"{start:%Y-%m-%d}"
            span = f"from {begins} to {end:%Y-%m-%d}" if start <= end else f"from {begins} on"
            raise InputError(
                f"There are {len(self.moments)} bars of {', '.join(tape.series)} {span}: a "
                "backtest needs at least two, for what is decided on a bar can be met by the next "
                "one at the earliest."
            )
        self._reach = None if tape.whole_sessions else Reach(tape, self.moments, latency)
        places = np.searchsorted(self.moments, [nanoseconds(at) for at in acts])
        if self._reach is not None:
            turned = [nanoseconds(at) for at in turns(tape, start, end)]
            # The first bar known after a turn may have begun before it; the next one has not.
            after = np.searchsorted(self.moments, turned)
            places = np.concatenate([places, after, after + 1])
        self._acts = frozenset(int(self.moments[at]) for at in places if at < len(self.moments))

    @property
    def looks(self) -> Times:
        """When the account is looked at: every bar, of ticks the first and each minute's last."""
        if self._tape.timeframe is not None:
            return self.moments
        last = np.append(np.diff(self.moments // MINUTE_NS) > 0, True)
        last[0] = True
        looks: Times = self.moments[last]
        return looks

    def play(self, trader: Trader, progress: Progress | None = None) -> None:
        """From the first bar to the last; what the strategy raises is told with its bar."""
        for seen in self._seen:
            series, begun = self._tape.series[seen.symbol], self._from[seen.symbol]
            if begun:
                seen.fill(series.values[:begun], int(series.known[begun - 1]))
        alone = len(self._seen) == 1 and self._rates is None
        if alone and self._one_a_moment(self._seen[0]):
            self._play_alone(trader, self._seen[0], progress)
        else:
            self._play_together(trader, progress)
        self._clock.turn_to(moment_of(int(self.moments[-1])))
        trader.catch_up()
        if progress is not None:
            progress(len(self.moments), len(self.moments))

    def _play_alone(self, trader: Trader, seen: Seen, progress: Progress | None) -> None:
        """One symbol: the loop that all bars without an order go through, kept short for it."""
        values = self._tape.series[seen.symbol].values
        begun, size = self._from[seen.symbol], len(self.moments)
        context, decide, acts = trader.context, trader.decide, self._acts
        show, begin, fresh = seen.show, context.begin, (seen.symbol,)
        for start in range(0, size, CHUNK):
            stop = min(start + CHUNK, size)
            times = self.moments[start:stop].tolist()
            rows = values[begun + start : begun + stop]
            for at, row in zip(times, rows.tolist(), strict=True):
                if trader.waiting or trader.short or at in acts:
                    self._visit(trader, at)
                show(row, at)
                begin(at, fresh)
                if wishes := decide():
                    self._propose(trader, wishes, at)
            seen.settle(rows)
            if progress is not None:
                progress(stop, size)

    def _play_together(self, trader: Trader, progress: Progress | None) -> None:
        context, decide, acts = trader.context, trader.decide, self._acts
        rates = self._rates
        for count, (at, fresh, rows) in enumerate(self._steps(), 1):
            if rates is not None:
                context.exchange(rates.now(at))
            if trader.waiting or trader.short or at in acts:
                self._visit(trader, at)
            for seen, row in rows:
                seen.show(row, at)
            context.begin(at, fresh)
            if wishes := decide():
                self._propose(trader, wishes, at)
            if progress is not None and not count % CHUNK:
                progress(count, len(self.moments))

    def _visit(self, trader: Trader, at: int) -> None:
        """Let the desk catch up where anything can have happened to the account."""
        reach, orders = self._reach, trader.context.orders
        due = reach is None or at in self._acts
        if due or (trader.waiting and reach is not None and reach.met(orders, at)):
            self._clock.turn_to(moment_of(at))
            trader.catch_up()

    def _propose(self, trader: Trader, wishes: Sequence[Wish | Change | Cancel], at: int) -> None:
        self._clock.turn_to(moment_of(at))
        trader.propose(wishes)
        if self._reach is not None:
            self._reach.sent(at)

    def _one_a_moment(self, seen: Seen) -> bool:
        known = self._tape.series[seen.symbol].known[self._from[seen.symbol] :]
        return bool((np.diff(known) > 0).all())

    def _steps(self) -> Iterator[Step]:
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
