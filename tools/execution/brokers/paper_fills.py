"""How the paper venue fills an order: a pure function of the order and the prices it meets.

A market order fills at the next open, or at the quote when no session follows; the slippage goes
against the trader and the collar is never passed. A limit order fills at its limit, or at the open
or quote when that is better. No bar gives more than a share of its volume.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from tools.domain.instrument import Instrument
from tools.domain.market import Bar, Quote
from tools.domain.order import Order, OrderState, OrderType, Side, TimeInForce

BPS = Decimal("0.0001")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Commission:
    """A typical US schedule: so much a share, at least and at most a fraction of the value.

    Counted over the whole order, so an order filled in parts costs no more than in one.
    """

    per_share: Decimal = Decimal("0.005")
    minimum: Decimal = Decimal(1)
    most: Decimal = Decimal("0.01")

    def of(self, quantity: Decimal, value: Decimal) -> Decimal:
        """The commission on ``quantity`` shares worth ``value``, to the cent."""
        if not quantity:
            return ZERO
        due = min(max(self.per_share * quantity, self.minimum), self.most * value)
        return due.quantize(Decimal("0.01"), ROUND_CEILING)


@dataclass(frozen=True, slots=True)
class Terms:
    """The venue's settings: ``slippage_bps`` in basis points, ``volume_share`` as a fraction."""

    slippage_bps: Decimal = Decimal(2)
    volume_share: Decimal = Decimal("0.10")
    commission: Commission = Commission()


@dataclass(frozen=True, slots=True)
class Trade:
    """One execution, before it has an id; ``at`` is the market moment (aware UTC)."""

    quantity: Decimal
    price: Decimal
    at: datetime
    basis: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an order: its trades, its state, why, and the last bar it has met."""

    trades: tuple[Trade, ...]
    state: OrderState
    reason: str
    met: datetime | None


@dataclass(frozen=True, slots=True)
class Resting:
    """An order at the venue: what is left of it, its collar, and the open of the last bar met.

    ``since`` is the market moment it was sent at (aware UTC).
    """

    order: Order
    leaves: Decimal
    collar: Decimal | None
    met: datetime | None
    listed: Instrument
    since: datetime


def work(
    resting: Resting,
    bars: Sequence[Bar],
    quote: Quote | None,
    depth: Decimal,
    terms: Terms,
) -> Outcome:
    """Meet the order with the bars after it, or with the quote when there is none.

    ``quote`` is given only where no bar follows; ``depth`` is the volume that stands behind it.
    """
    order, left = resting.order, resting.leaves
    if not bars and quote is not None:
        return _meet_quote(resting, quote, depth, terms)
    trades: list[Trade] = []
    met = resting.met
    for bar in bars:
        met = bar.event_time
        price, basis, at = _price_in(resting, bar, terms)
        if price is not None and _beyond(order.side, price, resting.collar):
            reason = (
                f"the {basis} at {price} was worse than the collar of {resting.collar}; "
                "propose again if you still want it"
            )
            return Outcome(tuple(trades), OrderState.EXPIRED, reason, met)
        if price is not None:
            size = min(left, _whole(bar.volume * terms.volume_share, resting.listed.lot))
            if size > 0:
                trades.append(Trade(size, price, at, basis))
                left -= size
        if not left:
            return Outcome(tuple(trades), OrderState.FILLED, "", met)
        if order.time_in_force is TimeInForce.DAY:
            return Outcome(tuple(trades), OrderState.EXPIRED, _day_over(order, bar, left), met)
    return Outcome(tuple(trades), _resting_state(order, left), "", met)


def _meet_quote(resting: Resting, quote: Quote, depth: Decimal, terms: Terms) -> Outcome:
    order, left = resting.order, resting.leaves
    side = order.side
    price = quote.ask if side is Side.BUY else quote.bid
    if order.limit_price is not None:
        if _beyond(side, price, order.limit_price):
            return Outcome((), _resting_state(order, left), "", resting.met)
    else:
        price = _slipped(price, side, resting.listed.tick, terms)
    if _beyond(side, price, resting.collar):
        reason = f"the quote, {price} with slippage, was worse than the collar {resting.collar}"
        return Outcome((), OrderState.EXPIRED, reason, resting.met)
    size = min(left, _whole(depth * terms.volume_share, resting.listed.lot))
    if size <= 0:
        return Outcome((), _resting_state(order, left), "", resting.met)
    kind = "simulated quote" if quote.simulated else "quote"
    basis = f"{kind} from the {quote.event_time.date()} close"
    trade = Trade(size, price, max(resting.since, quote.known_at), basis)
    left -= size
    state = _resting_state(order, left) if left else OrderState.FILLED
    return Outcome((trade,), state, "", resting.met)


def _price_in(resting: Resting, bar: Bar, terms: Terms) -> tuple[Decimal | None, str, datetime]:
    order, opening = resting.order, f"open of {bar.session}"
    if order.type is OrderType.MARKET or order.limit_price is None:
        price = _slipped(bar.open, order.side, resting.listed.tick, terms)
        return price, opening, bar.event_time
    limit = order.limit_price
    if not _beyond(order.side, bar.open, limit):
        return bar.open, opening, bar.event_time
    reached = bar.low <= limit if order.side is Side.BUY else bar.high >= limit
    # When in the session the limit was touched is not known: the close is the latest it can be.
    return (limit if reached else None), f"limit touched on {bar.session}", bar.known_at


def _beyond(side: Side, price: Decimal, bound: Decimal | None) -> bool:
    """Whether a price is worse for the trader than a bound."""
    return bound is not None and (price - bound) * side.sign > 0


def _slipped(price: Decimal, side: Side, tick: Decimal, terms: Terms) -> Decimal:
    worse = price * (1 + side.sign * terms.slippage_bps * BPS)
    rounding = ROUND_CEILING if side is Side.BUY else ROUND_FLOOR
    return (worse / tick).to_integral_value(rounding) * tick


def _whole(quantity: Decimal, lot: Decimal) -> Decimal:
    return (quantity / lot).to_integral_value(ROUND_FLOOR) * lot


def _resting_state(order: Order, left: Decimal) -> OrderState:
    return OrderState.ACCEPTED if left == order.quantity else OrderState.PARTIAL


def _day_over(order: Order, bar: Bar, left: Decimal) -> str:
    if order.limit_price is not None and left == order.quantity:
        return f"the session of {bar.session} did not reach the limit"
    return f"{left} of it found no volume in the session of {bar.session}"
