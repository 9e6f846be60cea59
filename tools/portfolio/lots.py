"""Tax-like lots next to the average cost: which purchase a sale closed, by four conventions.

Whatever the convention, ``cost of what is open - gains`` of a symbol equals ``cost - realised``
of its Holding, to the last digit: they tell the same money in another order. By ``AVERAGE`` both
parts are equal by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, localcontext
from enum import StrEnum

from tools.domain.actions import CashEvent, CashKind, Split
from tools.portfolio.accounting import Movement
from tools.portfolio.costing import EXACT, ROUNDED, ZERO, share, sold_by_split


class Convention(StrEnum):
    """Which lot is closed first: the oldest, the newest, the one with the least gain, or all."""

    FIFO = "fifo"
    LIFO = "lifo"
    HIFO = "hifo"
    AVERAGE = "average"


@dataclass(frozen=True, slots=True)
class Lot:
    """What is open of one opening trade (of all of them by ``AVERAGE``): signed, in ``currency``.

    ``opened`` is the market moment of the first trade in it, aware UTC.
    """

    symbol: str
    opened: datetime
    quantity: Decimal
    cost: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A part of a lot that was closed at ``closed``: ``gain`` is proceeds less cost, before fees.

    Cash in lieu of a part of a share is a row of its own with no quantity and no cost.
    """

    symbol: str
    opened: datetime
    closed: datetime
    quantity: Decimal
    cost: Decimal
    proceeds: Decimal
    currency: str

    @property
    def gain(self) -> Decimal:
        """Proceeds less cost, in ``currency``."""
        with localcontext(EXACT):
            return self.proceeds - self.cost


@dataclass(frozen=True, slots=True)
class Lots:
    """Every open lot, the oldest of each symbol first, and every closing in its order."""

    open: tuple[Lot, ...]
    closed: tuple[Closed, ...]


def lots(movements: Iterable[Movement], convention: Convention) -> Lots:
    """The lots after the movements of an account that began with none, as ``in_order`` gives them.

    Expects what ``accounting.fold`` took: figures that can't be booked raise there.
    """
    known: set[str] = set()
    open_: dict[str, list[Lot]] = {}
    currencies: dict[str, str] = {}
    closed: list[Closed] = []
    with localcontext(EXACT):
        for movement in movements:
            mine = open_.setdefault(movement.symbol, [])
            if isinstance(movement, (Split, CashEvent)):
                if movement.id in known:
                    continue
                known.add(movement.id)
            if isinstance(movement, Split):
                closed += _split(mine, movement)
            elif isinstance(movement, CashEvent):
                if currencies.get(movement.symbol) == movement.currency:
                    closed += _in_lieu(movement)
            else:
                currencies[movement.symbol] = movement.currency
                quantity = movement.quantity * movement.side.sign
                value = quantity * movement.price * movement.multiplier
                new = Lot(movement.symbol, movement.at, quantity, value, movement.currency)
                closed += _trade(mine, new, convention)
    return Lots(tuple(lot for mine in open_.values() for lot in mine), tuple(closed))


def _trade(mine: list[Lot], new: Lot, convention: Convention) -> list[Closed]:
    """Close what stands against the trade, and open the rest of it."""
    closed = []
    while mine and (mine[0].quantity > 0) != (new.quantity > 0) and new.quantity:
        at = _next(mine, convention)
        lot = mine[at]
        if abs(new.quantity) < abs(lot.quantity):
            left = lot.quantity + new.quantity
            kept = share(lot.cost, left, lot.quantity)
            gone = replace(lot, quantity=-new.quantity, cost=lot.cost - kept)
            mine[at] = replace(lot, quantity=left, cost=kept)
            brought, new = new.cost, replace(new, quantity=ZERO, cost=ZERO)
        else:
            gone = mine.pop(at)
            left = new.quantity + lot.quantity
            rest = share(new.cost, left, new.quantity)
            brought, new = new.cost - rest, replace(new, quantity=left, cost=rest)
        closed.append(
            Closed(
                lot.symbol, lot.opened, new.opened, gone.quantity, gone.cost, -brought, lot.currency
            )
        )
    if new.quantity:
        if convention is Convention.AVERAGE and mine:
            pooled = mine[0]
            new = replace(
                pooled, quantity=pooled.quantity + new.quantity, cost=pooled.cost + new.cost
            )
            mine.clear()
        mine.append(new)
    return closed


def _next(mine: list[Lot], convention: Convention) -> int:
    """Which lot is closed first; by HIFO the one that cost most (for a short: brought least)."""
    if convention is Convention.LIFO:
        return len(mine) - 1
    if convention is Convention.HIFO:
        sign = 1 if mine[0].quantity > 0 else -1
        return max(
            range(len(mine)), key=lambda i: sign * ROUNDED.divide(mine[i].cost, mine[i].quantity)
        )
    return 0


def _split(mine: list[Lot], split: Split) -> list[Closed]:
    """Every lot gets its part of the change, the last the rest; what is paid in cash is closed."""
    if not mine:  # of shares whose fill we were not told of yet: they cost nothing so far
        mine.append(Lot(split.symbol, split.at, split.change, ZERO, ""))
        return []
    had = sum((lot.quantity for lot in mine), ZERO)
    cost = sum((lot.cost for lot in mine), ZERO)
    new = had + split.change
    sold = sold_by_split(had, cost, new, split.ratio)
    whole, left, unsold = list(mine), new, sold
    mine.clear()
    closed = []
    for i, lot in enumerate(whole):
        last = i == len(whole) - 1
        quantity = left if last else share(lot.quantity, new, had)
        gone = unsold if last else share(sold, lot.cost, cost) if cost else ZERO
        left, unsold = left - quantity, unsold - gone
        if gone:
            closed.append(
                Closed(split.symbol, lot.opened, split.at, ZERO, gone, ZERO, lot.currency)
            )
        if quantity:
            mine.append(replace(lot, quantity=quantity, cost=lot.cost - gone))
    return closed


def _in_lieu(event: CashEvent) -> list[Closed]:
    if event.kind is not CashKind.CASH_IN_LIEU:
        return []
    return [
        Closed(event.symbol, event.at, event.at, ZERO, ZERO, event.amount, event.currency),
    ]
