"""The worst price of an order, for each type; all prices are in the listing's currency."""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    InvalidOperation,
    Overflow,
)

from tools.domain.order import Order, OrderGroup, OrderType, Side
from tools.risk.case import MarketView
from tools.risk.limits import Limits

# The gate's own arithmetic: whatever context the caller has, NaN and floats raise in here.
ARITHMETIC = Context(
    prec=50,
    rounding=ROUND_HALF_EVEN,
    traps=[DivisionByZero, FloatOperation, InvalidOperation, Overflow],
)
# A short sale is counted at no less than this times the ask, as brokers do.
SHORT_FACTOR = Decimal("1.03")
ZERO = Decimal(0)  # comparing with it is faster than with an int
ONE = Decimal(1)
HALF = Decimal("0.5")  # times this is much faster than through two
STOPS = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})


class Incomplete(Exception):
    """Something that a rule needs is missing; the gate refuses then."""


def bound_of(order: Order, market: MarketView, limits: Limits) -> Decimal:
    """The worst price that a fill of this order may have for the trader.

    A market order's is the collar; a limit order's its limit; a stop order's its trigger slipped
    by the collar; a trailing stop's the current price moved by the trail and slipped; an OCO
    order's the worse of both exits. Raises Incomplete where a price is missing.
    """
    if order.group is OrderGroup.OCO:
        return _exit_bound(order, market, limits)
    if order.limit_price is not None:
        return order.limit_price
    if order.stop_price is not None:
        return slipped(order.stop_price, order.side, market, limits)
    if order.type is OrderType.MARKET:
        return collar_price(order.side, market, limits)
    bid, ask = book(market)
    if order.side is Side.BUY:
        return slipped(ask + trail(order, ask), order.side, market, limits)
    return slipped(bid - trail(order, bid), order.side, market, limits)


def collar(market: MarketView, limits: Limits) -> Decimal:
    """How far through the market a price may go: wider where the day's bands are published."""
    if market.band_low is None or market.band_high is None:
        return limits.price_collar
    return limits.banded_collar


def collar_price(side: Side, market: MarketView, limits: Limits) -> Decimal:
    """The worst price that a market order may fill at, on the tick, inside collar and bands."""
    bid, ask = book(market)
    if side is Side.BUY:
        highest = ask * (ONE + collar(market, limits))
        if market.band_high is not None:
            highest = min(highest, market.band_high)
        return _on_tick(highest, market, ROUND_FLOOR)
    lowest = bid * (ONE - collar(market, limits))
    if market.band_low is not None:
        lowest = max(lowest, market.band_low)
    return _on_tick(lowest, market, ROUND_CEILING)


def slipped(price: Decimal, side: Side, market: MarketView, limits: Limits) -> Decimal:
    """A trigger's price moved against the trader by the collar, on the tick."""
    far = collar(market, limits)
    if side is Side.BUY:
        return _on_tick(price * (ONE + far), market, ROUND_CEILING)
    return _on_tick(price * (ONE - far), market, ROUND_FLOOR)


def trail(order: Order, price: Decimal) -> Decimal:
    """How far a trailing stop stays behind ``price``, in money; Incomplete when it doesn't say."""
    if order.trail_price is not None:
        return order.trail_price
    if order.trail_fraction is None:
        raise Incomplete
    return price * order.trail_fraction


def book(market: MarketView) -> tuple[Decimal, Decimal]:
    """Bid and ask; raises Incomplete unless 0 < bid <= ask."""
    if market.bid is None or market.ask is None or not ZERO < market.bid <= market.ask:
        raise Incomplete
    return market.bid, market.ask


def _exit_bound(order: Order, market: MarketView, limits: Limits) -> Decimal:
    if order.limit_price is None or order.stop_loss is None:
        raise Incomplete
    stopped: Decimal = (
        slipped(order.stop_loss, order.side, market, limits)
        if order.stop_loss_limit is None
        else order.stop_loss_limit
    )
    if order.side is Side.BUY:
        return max(stopped, order.limit_price)
    return min(stopped, order.limit_price)


def _on_tick(price: Decimal, market: MarketView, rounding: str) -> Decimal:
    if market.instrument is None:
        raise Incomplete
    tick = market.instrument.tick
    return (price / tick).to_integral_value(rounding) * tick
