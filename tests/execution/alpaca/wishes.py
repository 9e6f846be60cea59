"""Orders of the kinds that the tests of Alpaca send."""

from dataclasses import replace
from decimal import Decimal

from tests.doubles import order
from tools.domain.money import Price, Quantity
from tools.domain.order import OrderGroup, OrderType, Side, TimeInForce

D = Decimal
SELL, GTC = Side.SELL, TimeInForce.GTC


def stop(intent="s", price="210", **more):
    return replace(order(intent), type=OrderType.STOP, stop_price=Price(D(price)), **more)


def trailing(intent="t", **more):
    return replace(order(intent, side=SELL), type=OrderType.TRAILING_STOP, **more)


def bracket(intent="b", limit="190", **more):
    return replace(
        order(intent, limit=limit, tif=GTC),
        group=OrderGroup.BRACKET,
        take_profit=Price(D(220)),
        stop_loss=Price(D(180)),
        **more,
    )


def oco(intent="o", **more):
    return replace(
        order(intent, side=SELL, limit="220", tif=GTC),
        group=OrderGroup.OCO,
        stop_loss=Price(D(180)),
        **more,
    )


def in_place_of(old, intent="new", limit="195", quantity=None):
    new = replace(old, intent_id=intent, replaces=old.client_order_id, limit_price=Price(D(limit)))
    return new if quantity is None else replace(new, quantity=Quantity(D(quantity)))


def told(venue):
    """The bodies of the orders that were sent."""
    return [body for _, _, body in venue.asked("POST")]
