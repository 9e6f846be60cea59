"""Where the paper venue's market events come from: the desk's own prices, or a recording."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from tools.domain.errors import DataUnavailable
from tools.domain.market import Quote
from tools.execution.brokers.paper.hours import Hours, hours
from tools.execution.brokers.paper.resting import MarketEvent
from tools.ports import Clock, MarketData

# A clock this close to the end of the data stands at the end, and one this close to the wall's is
# live. (A live feed's end moves on while we look.)
AT_THE_END = timedelta(minutes=1)


class MarketEvents(Protocol):
    """A stream for each symbol. ``whole_sessions`` says that it is one bar for each session."""

    whole_sessions: bool

    def events(self, symbol: str, after: datetime, until: datetime) -> Sequence[MarketEvent]:
        """What was first known after ``after`` and by ``until``, oldest first, and never changes.

        Of whole sessions: those that opened at or after ``after``. Empty where there are none.
        """
        ...

    def standing(self, symbol: str, at: datetime) -> Quote | None:
        """The quote that an order meets when it arrives at ``at``; None when it must wait."""
        ...


class SessionBars:
    """The desk's market: a bar for each session, and a quote where no session can follow.

    On a live feed no bar of the running session is known, so an order that comes while the market
    is open meets the quote, and one that comes while it is closed waits for the next session. On
    a simulated clock at the end of its data nothing is to come, so the quote is all there is.
    """

    whole_sessions = True

    def __init__(self, market: MarketData, clock: Clock) -> None:
        """Nothing is asked when made."""
        self._market = market
        self._clock = clock

    def events(self, symbol: str, after: datetime, until: datetime) -> Sequence[MarketEvent]:
        """The bars that opened at or after ``after`` and were known by ``until``."""
        try:
            bars = self._market.bars_after(symbol, after, until)
        except DataUnavailable:
            return ()
        return [bar for bar in bars if bar.known_at <= until]

    def standing(self, symbol: str, at: datetime) -> Quote | None:
        """The market's quote at ``at`` when no bar is to follow for an order of that moment."""
        now = self._clock.now()
        try:
            if self._market.latest() - now > AT_THE_END:
                return None
            live = abs(self._clock.wall() - now) <= AT_THE_END
            calendar = self._market.instrument(symbol).calendar
            if live and hours(calendar, now) is not Hours.REGULAR:
                return None
            return self._market.quote(symbol, at)
        except DataUnavailable:
            return None


class Recording:
    """Events of any kind, in the order in which they were known; more may be added at the end."""

    whole_sessions = False

    def __init__(self, events: Sequence[MarketEvent] = ()) -> None:
        """``events`` as ``add`` takes them."""
        self._events: dict[str, list[MarketEvent]] = {}
        for event in events:
            self.add(event)

    def add(self, event: MarketEvent) -> None:
        """One more, known no earlier than the last of its symbol."""
        self._events.setdefault(event.symbol, []).append(event)

    def events(self, symbol: str, after: datetime, until: datetime) -> Sequence[MarketEvent]:
        """What was first known in between."""
        known = self._events.get(symbol, [])
        start = bisect_right(known, after, key=lambda event: event.known_at)
        end = bisect_right(known, until, key=lambda event: event.known_at)
        return known[start:end]

    def standing(self, symbol: str, at: datetime) -> Quote | None:
        """The last quote known at ``at``, of the same day."""
        known = self._events.get(symbol, [])
        end = bisect_right(known, at, key=lambda event: event.known_at)
        for event in reversed(known[:end]):
            if event.known_at.date() != at.date():
                return None
            if isinstance(event, Quote):
                return event
        return None
