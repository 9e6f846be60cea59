"""What of a recording is known at a moment: quotes, what orders meet, and each session so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from tools.domain.errors import DataUnavailable
from tools.domain.instrument import Instrument
from tools.domain.market import AsOf, Bar, Quote, TakenBack, Tick
from tools.market_data.columns import Floats, Times, moment_of, nanoseconds
from tools.market_data.quote import simulated_quote
from tools.market_data.sessions import trading_day
from tools.market_data.symbols import listing
from tools.streaming.recording import Kind, Recording, exact

WIDEST = 0.10
"""A quote whose spread is a larger share of its middle is nobody's offer."""

CLOCKS_NS = 60 * 10**9
"""What says that it happened so long after it was heard of has a wrong time."""

HALF_HOUR = 1800 * 10**9
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Sessions:
    """Rows that tell a price, in order; ``first`` is the first row of each one's session.

    ``high``, ``low`` and ``volume`` are of the session until that row.
    """

    known: Times
    time: Times
    day: list[date]
    first: Rows
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats


class Played:
    """A recording by moments; for a desk whose clock a replay moves. Times are aware UTC.

    Rows that tell no possible price are left out. It is a stream of events for the paper venue
    as well: ``events`` and ``standing`` are those of its ``MarketEvents``.
    """

    whole_sessions = False

    def __init__(self, recording: Recording) -> None:
        """The recording is read once, and nothing of it is shown before its time."""
        self._recording = recording
        good = _good(recording)
        self._rows: dict[str, Rows] = {}
        self._quotes: dict[str, Rows] = {}
        self._sessions: dict[str, _Sessions] = {}
        for place, name in enumerate(recording.symbols):
            rows = np.flatnonzero(good & (recording.symbol == place))
            if len(rows):
                self._rows[name] = rows
                self._quotes[name] = rows[recording.kind[rows] == Kind.QUOTE]
                self._sessions[name] = _sessions(recording, rows, name)

    def events(self, symbol: str, after: datetime, until: datetime) -> Sequence[Tick | Quote | Bar]:
        """What became known after ``after`` and by ``until``, oldest first."""
        rows = self._rows.get(symbol, np.empty(0, np.int64))
        known = self._recording.known[rows]
        start, end = np.searchsorted(known, [nanoseconds(after), nanoseconds(until)], side="right")
        found = (self._recording.row(int(row)) for row in rows[start:end])
        return [datum for datum in found if not isinstance(datum, TakenBack)]

    def standing(self, symbol: str, at: datetime) -> Quote | None:
        """The last quote known at ``at``, of the same day; None when an order must wait."""
        rows = self._quotes.get(symbol, np.empty(0, np.int64))
        end = int(np.searchsorted(self._recording.known[rows], nanoseconds(at), side="right"))
        found = self._recording.row(int(rows[end - 1])) if end else None
        same = isinstance(found, Quote) and found.known_at.date() == at.date()
        return found if same and isinstance(found, Quote) else None

    def sessions(self, symbol: str, at: datetime) -> tuple[Bar, ...]:
        """A bar for each session until ``at``, the last one of what is known of it so far."""
        told = self._sessions.get(symbol)
        if told is None:
            return ()
        count = int(np.searchsorted(told.known, nanoseconds(at), side="right"))
        firsts = np.unique(told.first[:count])
        lasts = [*(firsts[1:] - 1).tolist(), count - 1][: len(firsts)]
        return tuple(
            Bar(
                symbol,
                told.day[last],
                moment_of(told.time[first]),
                moment_of(told.known[last]),
                exact(told.open[first]),
                exact(told.high[last]),
                exact(told.low[last]),
                exact(told.close[last]),
                exact(told.volume[last]),
            )
            for first, last in zip(firsts.tolist(), lasts, strict=True)
        )

    def quote(self, listed: Instrument, at: datetime) -> Quote:
        """The quote that stood at ``at``, else one made from the last trade; called simulated.

        Somebody offered it then, and nobody does now. DataUnavailable before the first price.
        """
        found = self.standing(listed.symbol, at)
        if found is not None:
            said = f"replay of the quote at {found.event_time:%Y-%m-%d %H:%M:%S} UTC"
            return replace(found, source=said, simulated=True)
        bars = self.sessions(listed.symbol, at)
        if not bars:
            names = ", ".join(self._recording.symbols[:10])
            raise DataUnavailable(
                f"The replay has no price of {listed.symbol} at {at:%Y-%m-%d %H:%M} UTC; it plays "
                f"{names}."
            )
        made = simulated_quote(listed, AsOf(listed.symbol, at, bars[-1:], "replay"))
        said = f"simulated from the price at {bars[-1].known_at:%Y-%m-%d %H:%M:%S} UTC (replay)"
        return replace(made, source=said)


def _good(recording: Recording) -> npt.NDArray[np.bool_]:
    """Rows that can be a price: above zero, and a bid below its ask and not absurdly far."""
    one, two, three, four = recording.figures[:, :4].T
    bars = (np.minimum(np.minimum(one, two), np.minimum(three, four)) > 0) & (two >= three)
    quotes = (one > 0) & (one <= two) & (two - one <= WIDEST * (one + two) / 2)
    ticks = (one > 0) & (two >= 0)
    kind = recording.kind
    # An order met the trade that was taken back as well: nobody knew it then.
    found = np.select([kind == Kind.TICK, kind == Kind.QUOTE, kind == Kind.BAR],
                      [ticks, quotes, bars], False)  # fmt: skip
    told: npt.NDArray[np.bool_] = found & (recording.time <= recording.known + CLOCKS_NS)
    return told


def _sessions(recording: Recording, rows: Rows, symbol: str) -> _Sessions:
    """Of the trades; of bars where there are none, and of the quotes' middles without either."""
    kinds = recording.kind[rows]
    kind = next(k for k in (Kind.TICK, Kind.BAR, Kind.QUOTE) if (kinds == k).any())
    rows = rows[kinds == kind]
    figures = recording.figures[rows]
    if kind == Kind.BAR:
        opens, high, low, close, volume = figures[:, :5].T
    else:
        close = figures[:, 0] if kind == Kind.TICK else (figures[:, 0] + figures[:, 1]) / 2
        opens = high = low = close
        volume = figures[:, 1] if kind == Kind.TICK else np.zeros(len(rows))
    time, known = recording.time[rows], recording.known[rows]
    spans, place = np.unique(time // HALF_HOUR, return_inverse=True)
    calendar = listing(symbol, symbol, "").calendar
    days = [trading_day(calendar, moment_of(int(span) * HALF_HOUR)) for span in spans]
    # What is told late, of a session that is over, counts in the one under way.
    place = np.maximum.accumulate(place)
    day = [days[one] for one in place]
    begins = np.array([n for n in range(len(day)) if not n or day[n] != day[n - 1]], np.int64)
    pieces = [slice(a, b) for a, b in zip(begins, [*begins[1:], len(day)], strict=True)]
    return _Sessions(
        known,
        time,
        day,
        np.repeat(begins, [piece.stop - piece.start for piece in pieces]),
        opens,
        np.concatenate([np.maximum.accumulate(high[piece]) for piece in pieces]),
        np.concatenate([np.minimum.accumulate(low[piece]) for piece in pieces]),
        close,
        np.concatenate([np.cumsum(np.nan_to_num(volume[piece])) for piece in pieces]),
    )
