"""Orders in one symbol and a stream of market events: the matching core's loop, without a record.

Given the same orders and events it gives the same trades, whether the events come at once or one
by one. It knows no clock and no file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tools.domain.altering import altered
from tools.domain.making import quickly_made
from tools.domain.market import Bar, Quote
from tools.domain.order import OrderState
from tools.execution.brokers.paper.crowd import ALIVE, Live, coupled, ended, sweep, turns
from tools.execution.brokers.paper.hours import Hours, hours
from tools.execution.brokers.paper.resting import MarketEvent, Resting, Trade
from tools.execution.brokers.paper.taking import ZERO
from tools.execution.brokers.paper.terms import Terms

SELL = -1


@quickly_made
@dataclass(frozen=True, slots=True)
class Tape:
    """The last quote, and what our own orders have taken of it: nobody tells the market of that.

    As long as a price stays, what was taken at it stays taken.
    """

    bid: Decimal = ZERO
    ask: Decimal = ZERO
    bid_taken: Decimal = ZERO
    ask_taken: Decimal = ZERO
    made_at: datetime | None = None

    def see(self, quote: Quote) -> Tape:
        """The tape after a quote; one made from another close is another market."""
        same = not quote.simulated or self.made_at == quote.event_time
        return Tape(
            quote.bid,
            quote.ask,
            self.bid_taken if same and quote.bid == self.bid else ZERO,
            self.ask_taken if same and quote.ask == self.ask else ZERO,
            quote.event_time,
        )

    def room(self, side: int, quote: Quote, terms: Terms, depth: Decimal) -> Decimal:
        """What a quote still has for buys (+1) or sells (-1); ``depth`` where it tells no size."""
        size = quote.bid_size if side == SELL else quote.ask_size
        taken = self.bid_taken if side == SELL else self.ask_taken
        return (depth if size is None else size * terms.depth_share) - taken

    def take(self, bought: Decimal, sold: Decimal) -> Tape:
        """The tape after our own trades with it."""
        return altered(self, ask_taken=self.ask_taken + bought, bid_taken=self.bid_taken + sold)


@dataclass(frozen=True, slots=True)
class Traded:
    """A trade of the order ``key``; ``bar`` is the open of the bar whose volume it took."""

    key: str
    trade: Trade
    bar: datetime | None


@dataclass(frozen=True, slots=True)
class Course:
    """The orders after the events, in the same sequence, their trades, and the tape."""

    lives: tuple[Live, ...]
    trades: tuple[Traded, ...]
    tape: Tape


def usable(quote: Quote, terms: Terms) -> bool:
    """Whether a quote is a market at all: both sides, not crossed, and not absurdly wide."""
    if not 0 < quote.bid <= quote.ask:
        return False
    return quote.ask - quote.bid <= terms.widest_spread * quote.mid


def expired(lives: Sequence[Live], moment: datetime) -> tuple[Live, ...]:
    """The orders when the clock stands at ``moment``: those for the day end with their session."""
    if not any(_over(live, moment) for live in lives):
        return tuple(lives)
    now = list(lives)
    for at, live in enumerate(now):
        ends = live.resting.ends
        if ends is not None and _over(now[at], moment):
            now[at] = ended(live, OrderState.EXPIRED, f"its session ended at {ends:%H:%M} UTC")
            coupled(now, at, ZERO)
    return tuple(now)


def arrive(
    lives: Sequence[Live], key: str, quote: Quote, tape: Tape, terms: Terms, depth: Decimal
) -> Course:
    """Let the order ``key`` alone meet the quote that stands when it comes; others have met it."""
    if not usable(quote, terms):
        return Course(tuple(lives), (), tape)
    tape = tape.see(quote)
    swept = sweep(
        lives,
        quote,
        lambda side: tape.room(side, quote, terms, depth),
        terms,
        order=[at for at, live in enumerate(lives) if live.resting.key == key],
    )
    tape = _taken(tape, lives, swept.trades)
    return Course(swept.lives, tuple(Traded(k, trade, None) for k, trade in swept.trades), tape)


def _over(live: Live, moment: datetime) -> bool:
    ends = live.resting.ends
    return ends is not None and ends <= moment and live.state in ALIVE


def run(
    lives: Sequence[Live],
    events: Sequence[MarketEvent],
    tape: Tape,
    terms: Terms,
    *,
    calendar: str = "",
    used: Callable[[datetime], Decimal] = lambda bar: ZERO,
    after: Callable[[Resting], datetime | None] = lambda resting: None,
    depth: Decimal = ZERO,
) -> Course:
    """Let the orders meet the events, oldest first.

    ``calendar`` tells the hours of events shorter than a session; empty when all of them are whole
    sessions. ``used`` is what earlier orders took of a bar's volume, ``after`` the last bar's open
    that an order has met already.
    """
    now = tuple(lives)
    trades: list[Traded] = []
    order: list[int] | None = None
    last = {live.resting.key: after(live.resting) for live in now}
    for event in events:
        moment = event.event_time
        seen = _seen(tape, event, terms)
        if seen is None:
            continue
        tape = seen
        if order == []:
            continue  # what is held waits for one in the market
        hour = hours(calendar, moment) if calendar else Hours.REGULAR
        if hour is Hours.CLOSED:
            continue
        ending = expired(now, moment)
        if ending is not now:
            now, order = ending, None

        def meets(resting: Resting, event: MarketEvent = event, hour: Hours = hour) -> bool:
            met = last[resting.key]
            return (
                # What was known when it was sent is the quote that it met on arrival.
                event.event_time >= resting.since < event.known_at
                and (met is None or event.event_time > met)
                and (resting.extended or hour is Hours.REGULAR)
            )

        def room(side: int, event: MarketEvent = event, tape: Tape = tape) -> Decimal:
            return _room(side, event, tape, terms, used, depth)

        if order is None:
            order = turns(now)
        swept = sweep(now, event, room, terms, meets, order)
        now = swept.lives
        if swept.turned:
            order = None
        if not swept.trades:
            continue
        bar = moment if isinstance(event, Bar) else None
        trades += [Traded(key, trade, bar) for key, trade in swept.trades]
        if isinstance(event, Quote):
            tape = _taken(tape, now, swept.trades)
    return Course(now, tuple(trades), tape)


def _seen(tape: Tape, event: MarketEvent, terms: Terms) -> Tape | None:
    """The tape after an event, None when that is no market at all."""
    if not isinstance(event, Quote):
        return tape
    return tape.see(event) if usable(event, terms) else None


def _taken(tape: Tape, lives: Sequence[Live], trades: Sequence[tuple[str, Trade]]) -> Tape:
    signs = {live.resting.key: live.resting.sign for live in lives}
    sums = {1: ZERO, SELL: ZERO}
    for key, trade in trades:
        sums[signs[key]] += trade.quantity
    return tape.take(sums[1], sums[SELL])


def _room(
    side: int,
    event: MarketEvent,
    tape: Tape,
    terms: Terms,
    used: Callable[[datetime], Decimal],
    depth: Decimal,
) -> Decimal:
    if isinstance(event, Bar):
        return event.volume * terms.volume_share - used(event.event_time)
    if isinstance(event, Quote):
        return tape.room(side, event, terms, depth)
    return event.size * terms.volume_share
