"""Borrowed shares: whether there are any, and the fee for them a year, booked daily."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from tools.domain.actions import CashEvent, CashKind
from tools.domain.instrument import Instrument
from tools.domain.money import CENT, plain
from tools.domain.order import Order, OrderState, Side
from tools.execution.brokers.paper.book import PaperBook
from tools.execution.brokers.paper.taking import ZERO
from tools.execution.brokers.paper.terms import Lending

YEAR = 360
"""Days, as lenders count them."""


def fee(
    listed: Instrument,
    held: Decimal,
    price: Decimal,
    day: date,
    at: datetime,
    days: int,
    lending: Lending,
) -> CashEvent | None:
    """What is owed at the end of ``day`` for ``days`` days; None when nothing is short.

    Only shares are borrowed: a coin, a currency or a contract is sold short in other ways.
    """
    rate = lending.of(listed.symbol)
    if held >= 0 or not rate or listed.asset_class.value != "equity":
        return None
    owed = -(held * price * rate * days / YEAR).quantize(CENT, ROUND_HALF_UP)
    if not owed:
        return None
    return CashEvent(
        f"borrow-{listed.symbol}-{day.isoformat()}",
        listed.symbol,
        CashKind.BORROW_FEE,
        -owed,
        listed.currency,
        at,
        f"{plain(rate * 100)} % a year on {plain(-held)} short at {plain(price)}, {days} days",
    )


def unborrowed(order: Order, book: PaperBook, lending: Lending) -> str:
    """Why an order can't be sold for want of shares to borrow; empty when it can."""
    if order.side is Side.BUY or order.symbol not in lending.hard:
        return ""
    selling: dict[str, Decimal] = {}  # of two exits of the same position only one can trade
    for one in book.open_orders(order.symbol):
        if one.order.side is Side.SELL and one.state is not OrderState.HELD:
            group = one.pair or one.key
            selling[group] = max(selling.get(group, ZERO), one.progress.left)
    held = book.holdings().get(order.symbol, ZERO)
    if order.replaces or held - sum(selling.values()) - order.quantity >= 0:
        return ""
    return f"{order.symbol} can't be borrowed here, so it can't be sold short"
