"""What the orders of a symbol are going to meet, asked of the market while nothing is locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from tools.domain.actions import CorporateAction
from tools.domain.errors import DataUnavailable
from tools.domain.instrument import Instrument
from tools.domain.making import quickly_made
from tools.domain.market import AsOf, Quote
from tools.execution.brokers.paper.corporate import name_of
from tools.execution.brokers.paper.hours import Hours, hours
from tools.execution.brokers.paper.notes import Notes
from tools.execution.brokers.paper.placed import Placed
from tools.execution.brokers.paper.resting import MarketEvent
from tools.execution.brokers.paper.source import MarketEvents
from tools.execution.brokers.paper.taking import ZERO
from tools.execution.brokers.paper.terms import Terms
from tools.ports import Clock, CorporateActions, MarketData

INSTANT = timedelta(microseconds=1)
# A feed may tell what a company did days after the fact, or be away when it should.
LATE = timedelta(days=30)


def told_late(action: CorporateAction, notes: Notes) -> bool:
    """Whether it should have been booked before, and nobody told of it then."""
    if notes.heard is None or notes.acted is None:
        return False
    return notes.acted - LATE < action.ex <= notes.acted and name_of(action) not in notes.heard


@quickly_made
@dataclass(frozen=True, slots=True)
class Prices:
    """Everything of one symbol from ``start`` to ``now`` (aware UTC).

    ``actions`` are those to be booked or met, ``heard`` the names of all of the last weeks.
    ``standing`` has the quote that each newly arrived order meets, by its client order id, and
    ``depth`` is what is on offer where that quote does not say.
    """

    listed: Instrument
    start: datetime
    now: datetime
    events: Sequence[MarketEvent]
    actions: Sequence[CorporateAction]
    heard: tuple[str, ...]
    standing: Mapping[str, Quote]
    depth: Decimal


class Reader:
    """Asks the desk's market, the source of events and that of corporate actions."""

    def __init__(
        self,
        market: MarketData,
        clock: Clock,
        source: MarketEvents,
        actions: CorporateActions | None,
        terms: Terms,
    ) -> None:
        """Nothing is asked when made."""
        self._market = market
        self._clock = clock
        self._actions = actions
        self._terms = terms
        self.source = source

    def quiet(self, symbol: str, notes: Notes, now: datetime) -> bool:
        """Whether all open orders have met all there is at ``now``: then no visit is needed.

        Known of whole sessions only.
        """
        seen, acted = notes.seen, notes.acted
        if not self.source.whole_sessions or seen is None or acted is None or notes.pending:
            return False
        if now < acted or self.source.events(symbol, seen + INSTANT, now):
            return False
        return not self._new(symbol, acted, notes, now)[0]

    def read(
        self, symbol: str, orders: Sequence[Placed], notes: Notes, held: Decimal, now: datetime
    ) -> Prices | None:
        """What to meet until ``now``; None when nothing can happen.

        A market clock that went back shows another market, which the orders were not sent to.
        """
        waiting = [placed for placed in orders if placed.latest <= now]
        starts = [placed.met or placed.since for placed in waiting]
        if notes.counted is not None and held:
            starts.append(notes.counted)
        if not starts and self._late(symbol, notes, now):
            starts.append(now)  # nothing is held any more, and something is still owed
        if not starts or min(starts) > now:
            return None
        start = min(starts)
        if not self.source.whole_sessions and notes.cursor is not None:
            start = notes.cursor
        try:
            listed = self._market.instrument(symbol)
        except DataUnavailable:
            return None
        events = self.source.events(symbol, start, now)
        standing = self._standing(waiting, events, listed.calendar)
        acted = start if notes.acted is None else min(start, notes.acted)
        actions, heard = self._new(symbol, acted, notes, now)
        depth = self._depth(symbol, waiting) if standing else ZERO
        return Prices(listed, start, now, events, actions, heard, standing, depth)

    def history(self, symbol: str, at: datetime) -> AsOf | None:
        """The bars known at ``at`` and now, None where there are none."""
        try:
            return self._market.history(symbol, min(at, self._clock.now()))
        except DataUnavailable:
            return None

    def _new(
        self, symbol: str, after: datetime, notes: Notes, now: datetime
    ) -> tuple[Sequence[CorporateAction], tuple[str, ...]]:
        """Those after a moment and those told late; and the names of all of the last weeks."""
        if self._actions is None:
            return (), ()
        known = self._actions.actions(symbol, min(after, (notes.acted or now) - LATE), now)
        new = [action for action in known if action.ex > after or told_late(action, notes)]
        return new, tuple(name_of(action) for action in known if action.ex > now - LATE)

    def _late(self, symbol: str, notes: Notes, now: datetime) -> bool:
        if self._actions is None or notes.acted is None or notes.acted > now:
            return False
        known = self._actions.actions(symbol, notes.acted - LATE, notes.acted)
        return any(told_late(action, notes) for action in known)

    def _standing(
        self, orders: Sequence[Placed], events: Sequence[MarketEvent], calendar: str
    ) -> dict[str, Quote]:
        found: dict[str, Quote] = {}
        whole = self.source.whole_sessions
        for placed in orders:
            if not placed.arriving:
                continue
            if whole and any(event.event_time >= placed.since for event in events):
                continue
            hour = Hours.REGULAR if whole else hours(calendar, placed.since)
            if hour is Hours.REGULAR or (hour is Hours.EXTENDED and placed.order.extended_hours):
                quote = self.source.standing(placed.order.symbol, placed.since)
                if quote is not None:
                    found[placed.key] = quote
        return found

    def _depth(self, symbol: str, orders: Sequence[Placed]) -> Decimal:
        """A share of the last known session's volume."""
        known = self.history(symbol, max(placed.since for placed in orders))
        return ZERO if known is None else known.bars[-1].volume * self._terms.volume_share
