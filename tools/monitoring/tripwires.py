"""G35: what must never be true after an execution; touched once, all trading stops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from tools.domain.money import plain
from tools.domain.order import Fill
from tools.execution.record import OrderRecord
from tools.risk.limits import Limits


def touched(
    record: OrderRecord,
    fill: Fill,
    limits: Limits,
    heirs: Iterable[OrderRecord] = (),
    low: Decimal | None = None,
) -> Iterator[str]:
    """Why a new execution of an order stops trading; nothing when all is well.

    ``record`` is the order before the execution, and ``heirs`` are those that took its place, one
    after another. Told is an execution beyond the order's quantity, which what the orders before it
    filled counts towards; one that takes an heir that has filled itself beyond its own; and one at
    a price twice as far from the market as the gate allowed. A sale that a stop sets off has to
    take the market as it is then, so it may be filled below that, but no further below ``low``: the
    lowest price that its market is known to have had at that time, None where nobody knows.
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
    if not astray(record, fill, limits):
        return
    said = (
        f"Order {record.id} was filled at {plain(fill.price)}, twice as far from the market "
        f"as was allowed ({plain(record.collar or fill.price)})."
    )
    if not record.order.protects:
        yield said
    elif low is None:
        yield f"{said} No price of that moment is known here that would explain it."
    elif fill.price < low * (1 - 2 * limits.price_collar):
        yield f"{said} The market itself was known no lower than {plain(low)} then."


def astray(record: OrderRecord, fill: Fill, limits: Limits) -> bool:
    """Whether an execution is worse than at twice the collar that its order was sent with."""
    if record.collar is None or not fill.price.is_finite():
        return False
    collar, sign = limits.price_collar, record.order.side.sign
    bound = record.collar * (1 + sign * 2 * collar) / (1 + sign * collar)
    return fill.price > bound if sign > 0 else fill.price < bound
