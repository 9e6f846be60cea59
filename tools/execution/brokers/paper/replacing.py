"""An order in the place of another: when it may be, and what it takes over."""

from __future__ import annotations

from dataclasses import replace

from tools.domain.order import Order, OrderState
from tools.execution.brokers.paper.placed import Placed
from tools.execution.brokers.paper.resting import Progress


def irreplaceable(order: Order, old: Placed | None) -> str:
    """Why an order can't take the place of another; empty when it can."""
    if old is None:
        return f"the order {order.replaces} that it is to replace was never seen here"
    if not old.alive:
        return f"the order {old.key[:10]} that it is to replace is {old.state.value} already"
    mine, other = order, old.order
    if (mine.symbol, mine.side, mine.account) != (other.symbol, other.side, other.account):
        return "a replacement must be of the same symbol, side and account"
    filled = old.carried + old.traded
    if order.quantity <= filled:
        return f"{filled} of it is traded already, which is no less than the new total"
    return ""


def successor(fresh: Placed, old: Placed) -> Placed:
    """The new order with what it takes over: trades, its group, and how far the market came."""
    carried = old.carried + old.traded
    progress = Progress(fresh.order.quantity - carried, best=old.progress.best)
    state = OrderState.HELD if old.state is OrderState.HELD else OrderState.ACCEPTED
    return replace(
        fresh, state=state, progress=progress, carried=carried, entry=old.entry, pair=old.pair
    )
