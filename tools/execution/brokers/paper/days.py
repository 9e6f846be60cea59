"""Counting days for the borrowing fee: what was short at the end of each, and at which price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from tools.domain.actions import CashEvent
from tools.domain.altering import altered
from tools.domain.instrument import Instrument
from tools.domain.market import Bar, Quote
from tools.execution.brokers.paper.borrowing import fee
from tools.execution.brokers.paper.notes import Notes
from tools.execution.brokers.paper.resting import MarketEvent
from tools.execution.brokers.paper.stream import Traded
from tools.execution.brokers.paper.taking import ZERO
from tools.execution.brokers.paper.terms import Lending

INSTANT = timedelta(microseconds=1)


class DayCount:
    """``notes`` are those after all that was counted."""

    def __init__(self, listed: Instrument, notes: Notes, lending: Lending, *, whole: bool) -> None:
        """``whole`` says that each event is the bar of a session."""
        self._listed = listed
        self._lending = lending
        self._whole = whole
        self.notes = notes

    def count(
        self,
        events: Sequence[MarketEvent],
        held: Decimal,
        trades: Sequence[Traded],
        signs: Mapping[str, int],
    ) -> Iterator[CashEvent]:
        """The fees of the days that ended; ``held`` is the position before the ``trades``."""
        for event in events:
            day, opened = event.event_time.date(), event.event_time
            if self._whole:
                if self.notes.counted is None or opened > self.notes.counted:
                    price = price_of(event)
                    begun = _position(held, trades, signs, opened - INSTANT)
                    now = _position(held, trades, signs, event.known_at)
                    yield from self._by_close(begun, now, price, day, event.known_at)
                    self._note(event, price, day)
                continue
            before = self.notes.day
            if before is not None and day > before and self.notes.last is not None:
                now = _position(held, trades, signs, opened - INSTANT)
                nights = (day - before).days
                yield from self._owed(now, self.notes.last, before, opened, nights)
            self._note(event, price_of(event), day)

    def _note(self, event: MarketEvent, price: Decimal, day: date) -> None:
        self.notes = altered(self.notes, counted=event.event_time, last=price, day=day)

    def _by_close(
        self, begun: Decimal, held: Decimal, price: Decimal, day: date, at: datetime
    ) -> Iterator[CashEvent]:
        """The night to come, and those since the last close, which what was short then pays."""
        since, last = self.notes.owed, self.notes.last
        days = (day - since).days if since is not None else 1
        if days > 1 and begun != held and last is not None:
            yield from self._owed(begun, last, day - timedelta(days=1), at, days - 1)
            days = 1
        yield from self._owed(held, price, day, at, days)
        self.notes = altered(self.notes, owed=day if held < 0 else None)

    def _owed(
        self, held: Decimal, price: Decimal, day: date, at: datetime, nights: int
    ) -> Iterator[CashEvent]:
        found = fee(self._listed, held, price, day, at, nights, self._lending)
        if found is not None and nights > 0:
            yield found


def _position(
    held: Decimal, trades: Sequence[Traded], signs: Mapping[str, int], at: datetime
) -> Decimal:
    done = (t for t in trades if t.trade.at <= at)
    return held + sum((signs[t.key] * t.trade.quantity for t in done), ZERO)


def price_of(event: MarketEvent) -> Decimal:
    """What a share was worth after an event."""
    if isinstance(event, Bar):
        return event.close
    return event.mid if isinstance(event, Quote) else event.price
