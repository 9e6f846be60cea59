"""What an order may cost and move at worst, as the desk tells the venue and the journal."""

from __future__ import annotations

from decimal import Decimal

from tools.domain.order import Order
from tools.risk.case import Case
from tools.risk.rules_worst import fill_bound, value_price


def figures(case: Case) -> tuple[Decimal | None, Decimal | None]:
    """The worst prices for exposure and for a fill; None of a case too odd to have any."""
    try:
        return value_price(case), fill_bound(case)
    except Exception:  # noqa: BLE001 - the gate has refused such a case already
        return None, None


def scale_of(case: Case) -> Decimal:
    """What turns quantity times price into the account's money; one where that isn't known."""
    market = case.market
    if market is None or market.instrument is None:
        return Decimal(1)
    return market.instrument.multiplier * (Decimal(1) if market.rate is None else market.rate)


def value_of(order: Order, worst: Decimal | None, scale: Decimal) -> Decimal | None:
    """What the order may move, in the account's money; None of one too odd to have any."""
    try:
        return None if worst is None else order.quantity * worst * scale
    except ArithmeticError:  # the gate has refused such a case already
        return None
