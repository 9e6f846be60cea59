"""Orders as Alpaca's request bodies, numbers as text, and the matrix of what it takes.

The matrix follows Alpaca's document of its trading API (2.0.1). Parts of a share are taken in DAY
orders of every plain kind but trailing, as its change log says since.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from tools.domain.errors import BrokerRejected
from tools.domain.instrument import AssetClass
from tools.domain.money import plain
from tools.domain.order import Order, OrderGroup, OrderType, Side, TimeInForce
from tools.domain.venue import Accepts

EQUITY, CRYPTO, OPTION = AssetClass.EQUITY, AssetClass.CRYPTO, AssetClass.OPTION
MARKET, LIMIT, STOP = OrderType.MARKET, OrderType.LIMIT, OrderType.STOP
STOP_LIMIT, TRAILING = OrderType.STOP_LIMIT, OrderType.TRAILING_STOP
DAY, GTC, IOC, FOK = TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK

ACCEPTS: tuple[Accepts, ...] = (
    Accepts(EQUITY, frozenset({MARKET, LIMIT}), frozenset({DAY, GTC, IOC, FOK})),
    Accepts(EQUITY, frozenset({STOP, STOP_LIMIT, TRAILING}), frozenset({DAY, GTC})),
    Accepts(EQUITY, frozenset({LIMIT}), frozenset({DAY, GTC}), extended=True),
    Accepts(EQUITY, frozenset({MARKET, STOP, STOP_LIMIT}), frozenset({DAY}), fractional=True),
    Accepts(EQUITY, frozenset({LIMIT}), frozenset({DAY}), extended=True, fractional=True),
    Accepts(
        EQUITY,
        frozenset({MARKET, LIMIT}),
        frozenset({DAY, GTC}),
        frozenset({OrderGroup.BRACKET}),
    ),
    Accepts(EQUITY, frozenset({LIMIT}), frozenset({DAY, GTC}), frozenset({OrderGroup.OCO})),
    Accepts(CRYPTO, frozenset({MARKET, LIMIT, STOP_LIMIT}), frozenset({GTC, IOC}), fractional=True),
    Accepts(OPTION, frozenset({MARKET, LIMIT}), frozenset({DAY})),
)

# The price steps of US shares: cents from a dollar up, hundredths of a cent below.
CENT, SUBPENNY = Decimal("0.01"), Decimal("0.0001")


def placing(order: Order, collar: Decimal | None) -> dict[str, object]:
    """The body that places an order.

    A market order goes as a limit order at the ``collar`` where one is given, rounded to a price
    step that is no worse; its time in force stays, so what a DAY order leaves rests there.
    """
    body: dict[str, object] = {
        "symbol": order.symbol,
        "qty": plain(order.quantity),
        "side": str(order.side),
        "type": str(order.type),
        "time_in_force": str(order.time_in_force),
        "client_order_id": order.client_order_id,
    }
    if order.extended_hours:
        body["extended_hours"] = True
    if order.type is OrderType.MARKET and collar is not None:
        body |= {"type": "limit", "limit_price": plain(no_worse(collar, order))}
    return body | _prices(order) | _exits(order)


def changing(order: Order, old: Order | None, leaves: Decimal) -> dict[str, object]:
    """The body that puts ``order`` in the place of the exit ``old`` (None where it isn't known).

    Alpaca counts the new quantity from nothing, and not from what the old one filled, so it is
    given ``leaves``. Raises BrokerRejected for a change that its PATCH can't make.
    """
    same = ("symbol", "side", "type", "group", "extended_hours")
    other = [
        name for name in same if old is not None and getattr(order, name) != getattr(old, name)
    ]
    if other:
        raise BrokerRejected(
            f"not sent: Alpaca can't change the {' or '.join(other).replace('_', ' ')} of an "
            "order; cancel it and propose a new one"
        )
    if order.group is not OrderGroup.SIMPLE:
        raise BrokerRejected(
            "not sent: Alpaca can't replace an order together with its exits; replace an exit, or "
            "cancel it and propose a new one"
        )
    if leaves <= 0 or leaves != leaves.to_integral_value():
        raise BrokerRejected(
            "not sent: Alpaca replaces whole shares only, and "
            f"{plain(leaves)} would be left to trade; cancel it and propose a new one"
        )
    body: dict[str, object] = {
        "qty": plain(leaves),
        "time_in_force": str(order.time_in_force),
        "client_order_id": order.client_order_id,
    }
    prices = _prices(order)
    trail = prices.pop("trail_price", None) or prices.pop("trail_percent", None)
    return body | prices | ({} if trail is None else {"trail": trail})


def no_worse(collar: Decimal, order: Order) -> Decimal:
    """The collar on a price step: not above it for a buy, not below it for a sell."""
    if order.asset_class is AssetClass.CRYPTO:
        return collar
    step = CENT if collar >= 1 else SUBPENNY
    return collar.quantize(step, ROUND_FLOOR if order.side is Side.BUY else ROUND_CEILING)


def _prices(order: Order) -> dict[str, object]:
    percent = None if order.trail_fraction is None else order.trail_fraction * 100
    found = {
        "limit_price": order.limit_price,
        "stop_price": order.stop_price,
        "trail_price": order.trail_price,
        "trail_percent": percent,
    }
    return {name: plain(value) for name, value in found.items() if value is not None}


def _exits(order: Order) -> dict[str, object]:
    if order.group is OrderGroup.SIMPLE:
        return {}
    # An OCO order is its own take-profit.
    target = order.limit_price if order.group is OrderGroup.OCO else order.take_profit
    stop = {"stop_price": order.stop_loss, "limit_price": order.stop_loss_limit}
    return {
        "order_class": str(order.group),
        "take_profit": {} if target is None else {"limit_price": plain(target)},
        "stop_loss": {name: plain(value) for name, value in stop.items() if value is not None},
    }
