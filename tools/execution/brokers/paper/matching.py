"""The matching core: one order and one market event in, what became of it out. Nothing else.

What takes (a market order, a reached stop, a limit that the market is beyond) trades at the event's
price with slippage against it. What waits at a limit trades at that limit, when the market trades
through it, or at it after the size that stood before it in the queue. Nothing trades past its limit
or its collar, or more than ``room``, the part of the event's volume that is still free.
"""

from __future__ import annotations

from decimal import Decimal

from tools.domain.altering import altered
from tools.domain.market import Bar, Quote, Tick
from tools.domain.order import OrderState, TimeInForce
from tools.execution.brokers.paper import stops
from tools.execution.brokers.paper.resting import MarketEvent, Progress, Resting, Step
from tools.execution.brokers.paper.taking import ZERO, beyond, make, take
from tools.execution.brokers.paper.terms import Terms


def meet(
    resting: Resting, progress: Progress, event: MarketEvent, room: Decimal, terms: Terms
) -> Step:
    """What an event makes of an order in the market; the caller looks after its times."""
    if type(event) is Bar:
        step = _bar(resting, progress, event, room, terms)
    elif type(event) is Quote:
        step = _quote(resting, progress, event, room, terms)
    elif type(event) is Tick:
        step = _tick(resting, progress, event, room, terms)
    else:
        raise TypeError(f"{type(event).__name__} is no market event")
    if step.end is None:
        step = _still_there(resting, step, event)
    return step


def _still_there(resting: Resting, step: Step, event: MarketEvent) -> Step:
    time, left = resting.time, step.progress.left
    if time is TimeInForce.IOC or time is TimeInForce.FOK:
        said = "all of it at once" if time is TimeInForce.FOK else f"{left} of it"
        reason = f"the market did not have {said} when the order met it"
        return altered(step, end=OrderState.CANCELED, reason=reason)
    if resting.one_bar and type(event) is Bar:
        why = f"{left} of it found no volume in the session of {event.session}"
        if resting.waits and not step.progress.triggered:
            why = f"the session of {event.session} did not reach the stop"
        elif resting.limit is not None and step.trade is None:
            why = f"the session of {event.session} did not reach the limit, or had no volume there"
        return altered(step, end=OrderState.EXPIRED, reason=why)
    if not step.progress.rested:
        return altered(step, progress=altered(step.progress, rested=True))
    return step


def _bar(r: Resting, p: Progress, bar: Bar, room: Decimal, terms: Terms) -> Step:
    opening, limit = f"open of {bar.session}", r.limit
    price, at, basis = bar.open, bar.event_time, opening
    after_open = True  # whether the bar's extremes came after it was in the market
    if r.waits and not p.triggered:
        found, gap, best = stops.in_bar(r, p, bar)
        if found is None:
            return Step(p if best == p.best else altered(p, best=best))
        p = altered(p, triggered=True, best=best)
        if not gap:
            # When in the session it happened is not known: the close is the latest it can be.
            price, at, basis = found, bar.known_at, f"stop touched on {bar.session}"
        after_open = gap
    if limit is None or not beyond(r.sign, price, limit):
        return take(r, p, price, at, basis, room, terms, bar.volume)
    # At once is at the open alone: what came to a limit later, such an order was not there for.
    waits = after_open and r.time not in (TimeInForce.IOC, TimeInForce.FOK)
    if waits and _through(r, limit, bar.low if r.sign > 0 else bar.high, terms):
        return make(r, p, bar.known_at, f"limit passed on {bar.session}", room)
    return Step(p)


def _quote(r: Resting, p: Progress, quote: Quote, room: Decimal, terms: Terms) -> Step:
    touch = quote.ask if r.sign > 0 else quote.bid
    if r.waits and not p.triggered:
        if not stops.reached(r, touch, stops.level(r, p.best)):
            best = stops.better(r, p.best, touch)
            return Step(p if best == p.best else altered(p, best=best))
        p = altered(p, triggered=True)
    kind = "simulated quote" if quote.simulated else "quote"
    basis = f"{kind} from the {quote.event_time.date()} close" if quote.simulated else kind
    at = max(r.since, quote.known_at)
    if r.limit is None or not beyond(r.sign, touch, r.limit):
        if r.limit is not None and p.passive == quote.event_time.date():
            return make(r, p, at, f"{kind} through the limit", room)
        size = (quote.ask_size if r.sign > 0 else quote.bid_size) or ZERO
        return take(r, p, touch, at, basis, room, terms, size, quote.ask - quote.bid)
    ahead = _queue(r, p.ahead, quote)
    return Step(_passive(p, quote, ahead))


def _tick(r: Resting, p: Progress, tick: Tick, room: Decimal, terms: Terms) -> Step:
    price = tick.price
    if r.waits and not p.triggered:
        if stops.reached(r, price, stops.level(r, p.best)):
            # The trade that reaches the stop is gone: what comes next fills it.
            return Step(altered(p, triggered=True))
        best = stops.better(r, p.best, price)
        return Step(p if best == p.best else altered(p, best=best))
    limit = r.limit
    through = limit is None or _through(r, limit, price, terms)
    if through and (limit is None or p.passive != tick.event_time.date()):
        return take(r, p, price, tick.known_at, "trade", room, terms, tick.size)
    if through:
        return make(r, p, tick.known_at, "trade through the limit", room)
    p = _passive(p, tick, p.ahead)
    if price != limit or p.ahead is None:
        return Step(p)
    past = tick.size - p.ahead
    p = altered(p, ahead=max(-past, ZERO))
    if past <= 0:
        return Step(p)
    return make(r, p, tick.known_at, "trade at the limit", min(room, past))


def _passive(p: Progress, event: Quote | Tick, ahead: Decimal | None) -> Progress:
    """The order once the market was not at its limit, with the size before it there."""
    day = event.event_time.date()
    if p.passive == day and p.ahead == ahead:
        return p
    return altered(p, passive=day, ahead=ahead)


def _through(r: Resting, limit: Decimal, price: Decimal, terms: Terms) -> bool:
    """Whether the market traded past a limit by as much as the terms ask for."""
    return (limit - price) * r.sign >= terms.through_ticks * r.tick


def _queue(r: Resting, ahead: Decimal | None, quote: Quote) -> Decimal | None:
    """The size before it at its limit: all that is shown when it comes, never more later."""
    near, size = (quote.bid, quote.bid_size) if r.sign > 0 else (quote.ask, quote.ask_size)
    if r.limit is None or beyond(-r.sign, near, r.limit):
        return ZERO  # nobody shows a price as good as its own
    if near != r.limit or size is None:
        return ahead
    return size if ahead is None else min(ahead, size)
