"""G07: the venue takes such an order, and the exchange is open for it.

Holds for every order, also for one that only makes a position smaller.
"""

from __future__ import annotations

from tools.domain.order import Order, OrderGroup, OrderType, TimeInForce
from tools.domain.status import Session
from tools.domain.venue import Accepts
from tools.domain.verdict import Reason
from tools.risk.bounds import Incomplete
from tools.risk.facts import Facts
from tools.risk.rules_words import NOTHING, against, shares

RESTING = frozenset({TimeInForce.DAY, TimeInForce.GTC})


def taken(facts: Facts) -> tuple[Reason, ...]:
    """G07: one row of the venue's matrix (``case.accepts``) has all of the order.

    The row names its asset class, type, time in force and group, and takes extended hours and
    parts of a share if the order has them.
    """
    rows, order = facts.case.accepts, facts.order
    if rows is None:
        raise Incomplete
    whole = order.quantity == order.quantity.to_integral_value()
    for row in rows:
        if _fits(row, order, whole=whole):
            return NOTHING
    what = f"{order.time_in_force} {order.type} orders in {order.asset_class}"
    if order.group is not OrderGroup.SIMPLE:
        what = f"{order.group} {what}"
    if order.extended_hours:
        what = f"{what} for extended hours"
    if not whole:
        what = f"{what} with parts of a share ({shares(order.quantity)})"
    return against("G07", f"The venue doesn't take {what}; ask for another type or time.")


def session(facts: Facts) -> tuple[Reason, ...]:
    """G07: market, IOC and FOK orders need an open exchange; extended hours a resting limit.

    A simulated venue on a simulated quote also takes them while it waits for the next session: its
    prices are made, not seen in a market. An unknown session refuses. An order for extended hours
    is a simple limit order for the day or until canceled.
    """
    order, now = facts.order, facts.market.session
    if now is None:
        return against("G07", "It isn't known whether the exchange is open; try again later.")
    found: tuple[Reason, ...] = NOTHING
    resting = order.time_in_force in RESTING
    if order.extended_hours and not (
        order.type is OrderType.LIMIT and resting and order.group is OrderGroup.SIMPLE
    ):
        found = against(
            "G07", "Outside the session only simple limit orders for the day or until canceled go."
        )
    if now is Session.OPEN or (resting and order.type is not OrderType.MARKET):
        return found
    made = facts.case.simulated_venue and facts.market.simulated
    if now is Session.WAITING and made:
        return found
    what = "a market order" if order.type is OrderType.MARKET else f"an {order.time_in_force} order"
    return found + against(
        "G07", f"The exchange is closed for {what} now; use a limit order that rests, or wait."
    )


def _fits(row: Accepts, order: Order, *, whole: bool) -> bool:
    return (
        order.asset_class is row.asset_class
        and order.type in row.types
        and order.time_in_force in row.times
        and order.group in row.groups
        and (row.extended or not order.extended_hours)
        and (row.fractional or whole)
    )
