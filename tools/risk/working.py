"""The open orders of an account, added up symbol by symbol: what did not change is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from tools.domain.order import Side
from tools.domain.portfolio import OpenOrder, Position
from tools.risk.bounds import ZERO
from tools.risk.kept import Kept
from tools.risk.limits import Limits
from tools.risk.shapes import Shape

OPEN_ORDER = Shape(OpenOrder, "open order")
Sides = tuple[Decimal, Decimal]
"""A symbol's signed value if only its open buys fill, and if only its open sells do."""
Tally = tuple[Decimal, Decimal, Decimal, Decimal]
"""What may still be bought and sold of a symbol, in shares; then both in the account's money."""
NONE_OPEN: Tally = (ZERO, ZERO, ZERO, ZERO)
Asked = tuple[Position | None, tuple[OpenOrder, ...]]
"""What is held of a symbol, and its open orders."""


class Line:
    """One symbol that has open orders; money in the account's currency.

    ``more`` is by how much the symbol at its worst side is above what is held of it, signs left
    out. What is held without a price counts as nothing.
    """

    __slots__ = ("fees", "held", "kind", "more", "orders", "sides", "tally")

    def __init__(self, asked: Asked) -> None:
        """Add up; call it with the gate's arithmetic."""
        self.held, self.orders = held, orders = asked
        self.tally = tally(orders)
        _, _, bought, sold = self.tally
        worth = ZERO if held is None else held.value or ZERO
        self.sides: Sides = (worth + bought, worth - sold)
        self.more = largest(self.sides) - abs(worth)
        self.kind = orders[0].asset_class if held is None else held.asset_class
        self.fees = Kept(self._fees)

    def _fees(self, limits: Limits) -> Decimal:
        return sum((fee(limits, o.leaves) for o in self.orders), ZERO)


def tally(orders: Iterable[OpenOrder]) -> Tally:
    """What the open orders of one symbol may still trade; of a group the largest on each side."""
    shares: dict[tuple[Side, str, int], Decimal] = {}
    money: dict[tuple[Side, str, int], Decimal] = {}
    for n, o in enumerate(orders):
        key = (o.side, o.group, 0 if o.group else n)
        shares[key] = max(shares.get(key, ZERO), o.leaves)
        money[key] = max(money.get(key, ZERO), o.leaves * o.worst_price * o.scale)

    def of(side: Side, rows: Mapping[tuple[Side, str, int], Decimal]) -> Decimal:
        return sum((row for (way, _, _), row in rows.items() if way is side), ZERO)

    return of(Side.BUY, shares), of(Side.SELL, shares), of(Side.BUY, money), of(Side.SELL, money)


def largest(pair: Sides) -> Decimal:
    """The larger of two values, signs left out: what a symbol has in the market at worst."""
    one, other = abs(pair[0]), abs(pair[1])
    return other if other > one else one


def fee(limits: Limits, quantity: Decimal) -> Decimal:
    """The commission that the cash check allows for."""
    each = limits.fee_per_share * quantity
    return each if each > limits.fee_minimum else limits.fee_minimum


def by_symbol(orders: tuple[OpenOrder, ...]) -> dict[str, tuple[OpenOrder, ...]]:
    """The orders of each symbol, in their order."""
    found: dict[str, tuple[OpenOrder, ...]] = {}
    for o in orders:
        found[o.symbol] = (*found[o.symbol], o) if o.symbol in found else (o,)
    return found


def _fits(o: OpenOrder) -> bool:
    return (
        OPEN_ORDER.fits(o)
        and o.leaves >= 0
        and o.worst_price >= 0
        and o.filled >= 0
        and o.scale > 0
        and (o.limit_price is None or o.limit_price >= 0)
        and o.symbol != ""
    )


def _key(asked: Asked) -> tuple[int, ...]:
    return (id(asked[0]), *map(id, asked[1]))


order_fits = Kept(_fits, most=4096)
line_of = Kept(Line, most=4096, key=_key)
