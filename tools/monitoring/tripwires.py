"""G35: what must never be true after an execution; touched once, all trading stops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from tools.domain.money import plain
from tools.domain.order import Fill, Side
from tools.execution.record import OrderRecord
from tools.risk.limits import Limits


def touched(
    record: OrderRecord, fill: Fill, limits: Limits, heirs: Iterable[OrderRecord] = ()
) -> Iterator[str]:
    """Why a new execution of an order stops trading; nothing when all is well.

    ``record`` is the order before the execution, and ``heirs`` are those that took its place, one
    after another. Told is an execution beyond the order's quantity, which what the orders before it
    filled counts towards; one that takes an heir that has filled itself beyond its own; and one at
    a price twice as far from the market as the gate allowed.
    """
    if record.carried + record.filled + fill.quantity > record.order.quantity:
        yield f"Order {record.id} was filled for more than its quantity."
    for heir in heirs:
        total = heir.carried + heir.filled + fill.quantity
        if heir.filled and total > heir.order.quantity:
            yield (
                f"Order {heir.id} and those before it were filled for more than its quantity: "
                f"{record.id} filled late."
            )
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
