"""The exits that a venue makes of a bracket or OCO order, as orders of their own."""

from __future__ import annotations

from dataclasses import replace

from tools.domain.order import Order, OrderGroup, OrderType


def legs(order: Order) -> tuple[Order, ...]:
    """The exits of an order, none of a simple one; the same every time, ids and all.

    A bracket has a limit order at its ``take_profit`` and a stop order at its ``stop_loss``. An OCO
    order is its own take-profit and has the stop only. The fill of one exit ends the other.
    """
    if order.group is OrderGroup.SIMPLE:
        return ()
    bracket = order.group is OrderGroup.BRACKET
    bare = replace(
        order,
        side=order.side.other if bracket else order.side,
        group=OrderGroup.SIMPLE,
        limit_price=None,
        stop_price=None,
        trail_price=None,
        trail_fraction=None,
        take_profit=None,
        stop_loss=None,
        stop_loss_limit=None,
        leg_of=order.client_order_id,
        replaces="",
    )
    found = []
    if bracket and order.take_profit is not None:
        found.append(
            replace(
                bare,
                intent_id=f"{order.intent_id}/take-profit",
                type=OrderType.LIMIT,
                limit_price=order.take_profit,
            )
        )
    if order.stop_loss is not None:
        limited = order.stop_loss_limit is not None
        found.append(
            replace(
                bare,
                intent_id=f"{order.intent_id}/stop-loss",
                type=OrderType.STOP_LIMIT if limited else OrderType.STOP,
                stop_price=order.stop_loss,
                limit_price=order.stop_loss_limit,
            )
        )
    return tuple(found)
