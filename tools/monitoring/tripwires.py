"""G35: what must never be true after an execution; touched once, all trading stops."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from tools.domain.money import plain
from tools.domain.order import Fill, Side
from tools.execution.record import OrderRecord
from tools.risk.limits import Limits


def touched(record: OrderRecord, fill: Fill, limits: Limits) -> Iterator[str]:
    """Why a new execution of an order stops trading; nothing when all is well.

    ``record`` is the order before the execution. Late executions of an order that has ended, one
    beyond its quantity, and one at a price twice as far from the market as the gate allowed.
    """
    if record.filled + fill.quantity > record.order.quantity:
        yield f"Order {record.id} was filled for more than its quantity."
    bound = _twice(record, limits)
    if bound is None:
        return
    buying = record.order.side is Side.BUY
    if fill.price > bound if buying else fill.price < bound:
        yield (
            f"Order {record.id} was filled at {plain(fill.price)}, twice as far from the market "
            f"as was allowed ({plain(record.collar or bound)})."
        )


def _twice(record: OrderRecord, limits: Limits) -> Decimal | None:
    """The price at twice the collar that the order was sent with; None of one without."""
    if record.collar is None:
        return None
    collar, sign = limits.price_collar, record.order.side.sign
    return record.collar * (1 + sign * 2 * collar) / (1 + sign * collar)
