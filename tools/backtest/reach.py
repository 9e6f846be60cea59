"""Whether a moment within a session can do anything to the orders that wait.

A hundred thousand quotes pass an order that rests far away: the desk needs no visit for any.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import numpy as np

from tools.backtest.context import Resting
from tools.backtest.series import HIGH, LOW
from tools.backtest.tape import Tape
from tools.domain.errors import DataUnavailable
from tools.market_data.columns import Floats, QuoteColumns, Times
from tools.market_data.sessions import extended_on, session_on, trading_day

ONE_DAY = timedelta(days=1)


class Reach:
    """Knows how far prices went up to each of the ``moments`` of a run, and tells none of it."""

    def __init__(self, tape: Tape, moments: Times, latency: timedelta) -> None:
        """An order is at the venue when ``latency`` has passed. Nothing is worked out when made."""
        self._tape, self._moments = tape, moments
        self._latency = latency // timedelta(microseconds=1) * 1000
        self._extremes: dict[tuple[str, bool], tuple[Floats, Floats]] = {}
        self._ready: int | None = None

    def sent(self, at: int) -> None:
        """Something was proposed at this moment (nanoseconds)."""
        self._ready = at + self._latency

    def met(self, orders: Iterable[Resting], at: int) -> bool:
        """Whether an order may have traded, been set off or ended since the moment before.

        Those that have only arrived have: they may be refused or end at once.
        """
        if self._ready is not None and at >= self._ready:
            self._ready = None
            return True
        place = int(np.searchsorted(self._moments, at))
        return any(self._reached(order, place) for order in orders)

    def _reached(self, order: Resting, place: int) -> bool:
        buys, limit, stop = order.left > 0, order.limit, order.stop
        if limit is None and stop is None:
            return True
        low, high = (edge[place] for edge in self._of(order.symbol, buys))
        if stop is not None and (high >= stop if buys else low <= stop):
            return True
        return limit is not None and bool(low <= limit if buys else high >= limit)

    def _of(self, symbol: str, buys: bool) -> tuple[Floats, Floats]:
        """The lowest and the highest price that a side could have, by the moment."""
        found = self._extremes.get((symbol, buys))
        if found is None:
            known, low, high = _told(self._tape, symbol, buys)
            place = np.searchsorted(self._moments, known)
            inside = place < len(self._moments)
            place, low, high = place[inside], low[inside], high[inside]
            first = np.flatnonzero(np.diff(place, prepend=-1))
            lowest = np.full(len(self._moments), np.inf)
            highest = np.full(len(self._moments), -np.inf)
            lowest[place[first]] = np.minimum.reduceat(low, first)
            highest[place[first]] = np.maximum.reduceat(high, first)
            found = self._extremes[symbol, buys] = lowest, highest
        return found


def turns(tape: Tape, start: datetime, end: datetime) -> tuple[datetime, ...]:
    """Ends of sessions, and turns of the day in UTC: when orders end and fees fall due."""
    found = set[datetime]()
    for calendar in {one.listed.calendar for one in tape.series.values()}:
        day, last = trading_day(calendar, start), trading_day(calendar, end)
        while day <= last:
            try:
                hours = session_on(calendar, day), extended_on(calendar, day)
            except DataUnavailable:
                hours = None, None
            found |= {one[1] for one in hours if one is not None}
            day += ONE_DAY
    midnight = datetime.combine(start.date() + ONE_DAY, datetime.min.time(), start.tzinfo)
    while midnight <= end:
        found.add(midnight)
        midnight += ONE_DAY
    return tuple(sorted(at for at in found if start < at <= end))


def _told(tape: Tape, symbol: str, buys: bool) -> tuple[Times, Floats, Floats]:
    """When prices became known, and the lowest and the highest that a side could have then."""
    if symbol not in tape.ticks:
        series = tape.series[symbol]
        return series.known, series.values[:, LOW], series.values[:, HIGH]
    of = tape.ticks[symbol].columns
    if isinstance(of, QuoteColumns):
        price = of.ask if buys else of.bid
        return of.known, price, price
    return of.known, of.price, of.price
