"""Cash and positions as a pure fold of fills: exact, and nothing else is remembered.

Average cost; long, short, and through zero in one fill. Whatever the order of the fills,
``cash + cost of everything held - realised + fees`` equals the starting cash to the last digit.
Prices and money are in the account's one currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Context, Decimal, Inexact, localcontext
from types import MappingProxyType

from tools.domain.errors import InputError
from tools.domain.money import plain
from tools.domain.order import Fill

# Sums are exact at this precision (Inexact raises); only a share of a cost is rounded, to 1e-12,
# and what is rounded off stays in the position, so nothing is lost.
EXACT = Context(prec=60, traps=[Inexact])
ROUNDED = Context(prec=60, rounding=ROUND_HALF_EVEN)
SMALLEST = Decimal("1e-12")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Holding:
    """One symbol: signed ``quantity``, signed ``cost`` of it, and profit ``realised`` so far.

    Fees are in none of them.
    """

    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    realised: Decimal = ZERO

    @property
    def average_cost(self) -> Decimal:
        """Cost a share, zero when flat; rounded to 1e-12, for people and reports."""
        if not self.quantity:
            return ZERO
        mean = ROUNDED.divide(self.cost, self.quantity).quantize(SMALLEST, context=ROUNDED)
        return Decimal(plain(mean))


@dataclass(frozen=True, slots=True)
class Account:
    """Cash, fees paid, and every symbol ever traded, in ``currency``."""

    currency: str
    cash: Decimal
    fees: Decimal = ZERO
    holdings: Mapping[str, Holding] = field(default_factory=lambda: MappingProxyType({}))


def fold(start: Account, fills: Iterable[Fill]) -> Account:
    """The account after all fills, in the order given; raises InputError like ``after``."""
    account = start
    for fill in fills:
        account = after(account, fill)
    return account


def after(account: Account, fill: Fill) -> Account:
    """The account after one fill; raises InputError for another currency or odd figures."""
    if fill.currency != account.currency:
        raise InputError(f"a fill in {fill.currency} can't be booked in {account.currency}")
    if not fill.quantity > 0 or fill.price < 0 or not fill.commission.is_finite():
        raise InputError(f"the fill {fill.execution_id} has figures that can't be booked")
    with localcontext(EXACT):
        signed = fill.quantity * fill.side.sign
        holding = _traded(account.holdings.get(fill.symbol, Holding()), signed, fill.price)
        return replace(
            account,
            cash=account.cash - signed * fill.price - fill.commission,
            fees=account.fees + fill.commission,
            holdings=MappingProxyType({**account.holdings, fill.symbol: holding}),
        )


def _traded(held: Holding, signed: Decimal, price: Decimal) -> Holding:
    if held.quantity * signed >= 0:
        return replace(held, quantity=held.quantity + signed, cost=held.cost + signed * price)
    if abs(signed) > abs(held.quantity):  # through zero: close all of it, then open the rest
        closed = _traded(held, -held.quantity, price)
        return _traded(closed, signed + held.quantity, price)
    left = held.quantity + signed
    released = held.cost - _share(held.cost, left, held.quantity)
    # `released` is the cost of what was closed; `-signed * price` is what closing it brought.
    return Holding(left, held.cost - released, held.realised - signed * price - released)


def _share(cost: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    if not part:
        return ZERO
    return ROUNDED.divide(ROUNDED.multiply(cost, part), whole).quantize(SMALLEST, context=ROUNDED)
