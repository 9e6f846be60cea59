"""How an order comes into the market: what the core is told of it, and why one is refused."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from tools.domain.instrument import AssetClass, Instrument
from tools.domain.market import AsOf
from tools.domain.order import Order, OrderGroup, OrderType, TimeInForce
from tools.domain.venue import Accepts
from tools.execution.brokers.paper.hours import session_end
from tools.execution.brokers.paper.resting import Resting
from tools.execution.brokers.paper.taking import ZERO
from tools.execution.brokers.paper.terms import Terms

DAYS = 20
EVERY_TYPE = frozenset(OrderType)
EVERY_TIME = frozenset(TimeInForce)
RESTS = frozenset({TimeInForce.DAY, TimeInForce.GTC})
GROUPED = frozenset({OrderGroup.BRACKET, OrderGroup.OCO})
OF_GROUPS = frozenset({OrderType.MARKET, OrderType.LIMIT})
LIMITED = frozenset({OrderType.LIMIT})


def _accepts(asset_class: AssetClass, *, extended: bool, fractional: bool) -> tuple[Accepts, ...]:
    simple = frozenset({OrderGroup.SIMPLE})
    rows = (
        Accepts(asset_class, EVERY_TYPE, EVERY_TIME, simple, fractional=fractional),
        Accepts(asset_class, OF_GROUPS, RESTS, GROUPED, fractional=fractional),
    )
    if not extended:
        return rows
    late = Accepts(asset_class, LIMITED, RESTS, simple, extended=True, fractional=fractional)
    return (*rows, late)


ACCEPTS = (
    *_accepts(AssetClass.EQUITY, extended=True, fractional=True),
    *_accepts(AssetClass.CRYPTO, extended=False, fractional=True),
    *_accepts(AssetClass.FOREX, extended=False, fractional=True),
    *_accepts(AssetClass.OPTION, extended=False, fractional=False),
    *_accepts(AssetClass.PERPETUAL, extended=False, fractional=True),
)
"""Every kind of order, and groups and extended hours where a venue would take them.

A perpetual's funding is not simulated.
"""


def unfit(order: Order) -> str:
    """Why the venue can't work an order whatever the market is; empty when it can."""
    kind = order.type
    limited = kind in (OrderType.LIMIT, OrderType.STOP_LIMIT)
    stopped = kind in (OrderType.STOP, OrderType.STOP_LIMIT)
    trails = (order.trail_price is not None) + (order.trail_fraction is not None)
    if limited != (order.limit_price is not None):
        return f"a {kind} order {'needs' if limited else 'has no'} limit price"
    if stopped != (order.stop_price is not None):
        return f"a {kind} order {'needs' if stopped else 'has no'} stop price"
    if trails != (kind is OrderType.TRAILING_STOP):
        return "a trailing stop needs either a price or a fraction to trail by, and nothing else"
    if order.group is not OrderGroup.SIMPLE:
        if order.stop_loss is None or kind not in OF_GROUPS:
            return f"a {order.group} order is a market or limit order with a stop loss"
        if order.group is OrderGroup.OCO and kind is not OrderType.LIMIT:
            return "an OCO order is a limit order with a stop loss"
        if order.time_in_force not in RESTS:
            return f"a {order.group} order must be for the day or good till canceled"
    if order.extended_hours and (kind is not OrderType.LIMIT or order.time_in_force not in RESTS):
        return "extended hours take limit orders only, for the day or good till canceled"
    return ""


def impact_of(order: Order, history: AsOf | None, terms: Terms) -> Decimal:
    """The fraction by which an order moves the price, by the square-root law; zero when unknown.

    Of the bars known when it was sent: standard deviation of a day's return times the square root
    of the order's share of a day's volume.
    """
    bars = () if history is None else history.bars[-DAYS - 1 :]
    if not terms.impact or len(bars) < 3:
        return ZERO
    closes = [bar.close for bar in bars]
    volume = sum([bar.volume for bar in bars[1:]], ZERO) / (len(bars) - 1)
    if volume <= 0 or min(closes) <= 0:
        return ZERO
    returns = [later / close - 1 for close, later in pairwise(closes)]
    mean = sum(returns, ZERO) / len(returns)
    variance = sum([(r - mean) ** 2 for r in returns], ZERO) / (len(returns) - 1)
    return terms.impact * variance.sqrt() * (order.quantity / volume).sqrt()


def resting_of(
    order: Order,
    collar: Decimal | None,
    *,
    arrival: int,
    since: datetime,
    impact: Decimal,
    listed: Instrument,
    whole_sessions: bool,
) -> Resting:
    """The order as the core sees it."""
    day = order.time_in_force is TimeInForce.DAY
    ends = None
    if day and not whole_sessions:
        ends = session_end(listed.calendar, since, extended=order.extended_hours)
    return Resting(
        key=order.client_order_id,
        arrival=arrival,
        sign=order.side.sign,
        limit=order.limit_price,
        stop=order.stop_price,
        trail=order.trail_price,
        trail_fraction=order.trail_fraction,
        collar=None if order.protects else collar,
        time=order.time_in_force,
        since=since,
        ends=ends,
        one_bar=day and whole_sessions,
        extended=order.extended_hours,
        tick=listed.tick,
        lot=listed.lot,
        impact=impact,
        endless=listed.asset_class is AssetClass.FOREX,
    )
