"""Average cost, exactly: what an opening costs, what a closing realises, what a split leaves."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, Inexact, InvalidOperation

# Sums are exact at this precision (Inexact raises); only a share of a cost is rounded, to 1e-12,
# and what is rounded off stays in the position, so nothing is lost.
EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])
ROUNDED = Context(prec=60, rounding=ROUND_HALF_EVEN)
SMALLEST = Decimal("1e-12")
# A third is written with 28 digits: three of them are one again at this, and no cost is moved.
PART_OF_A_SHARE = Decimal("1e-18")
ZERO = Decimal(0)
ONE = Decimal(1)

Cost = tuple[Decimal, Decimal, Decimal]
"""Signed quantity, signed cost of it, and the profit realised so far."""


def traded(held: Cost, quantity: Decimal, value: Decimal) -> Cost:
    """What is held after a trade of a signed quantity for a signed value; call it under EXACT.

    Through zero in one trade: all of what was held is closed first, then the rest is opened.
    """
    had, cost, realised = held
    if not had or (had > 0) == (quantity > 0):
        return had + quantity, cost + value, realised
    left = had + quantity
    if not left or (left > 0) == (had > 0):
        released = cost - share(cost, left, had)
        # `released` is the cost of what was closed; `-value` is what closing it brought.
        return left, cost - released, realised - value - released
    opened = share(value, left, quantity)
    return left, opened, realised - (value - opened) - cost


def share(whole: Decimal, part: Decimal, of: Decimal) -> Decimal:
    """``whole * part / of``, rounded to 1e-12; exactly zero of nothing."""
    if not part:
        return ZERO
    return ROUNDED.divide(ROUNDED.multiply(whole, part), of).quantize(SMALLEST, context=ROUNDED)


def sold_by_split(held: Decimal, cost: Decimal, new: Decimal, ratio: Decimal) -> Decimal:
    """The cost of the part of a share that a split left over, which is paid in cash: a sale of it.

    All of the cost when nothing is left; zero when the split came out even.
    """
    if not new:
        return cost
    whole = ROUNDED.multiply(held, ratio).quantize(PART_OF_A_SHARE, context=ROUNDED)
    left = whole - new
    # A difference of a share or more is no left-over: a fill that we were not told of yet.
    left_over = 0 < abs(left) < 1 and (left > 0) == (whole > 0)
    return share(cost, left, whole) if whole and left_over else ZERO
