"""Rules about what the account would hold at worst: G16, G17, G18, G19.

Each looks at the side that the order moves, so an order that only makes a position smaller is
never refused because that position is too large already.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from tools.domain.order import Reason, Side
from tools.risk.case import Case
from tools.risk.rules_words import at_most, money, percent, refuse, shares
from tools.risk.rules_worst import (
    FLAT,
    equity,
    fee,
    listing,
    order_value,
    parts,
    pending,
    short_after,
    value_price,
    values,
    with_order,
)


def position(case: Case) -> Iterator[Reason]:
    """G16: the position in shares if everything open on this side is filled."""
    order, account, market, limits = parts(case)
    held, waiting = account.held(order.symbol), pending(account, order.symbol, order.side)
    lot = listing(market).lot
    if order.side is Side.BUY:
        after = held + waiting + order.quantity
        if after > limits.max_long:
            room = at_most(limits.max_long - held - waiting, lot)
            yield refuse(
                "G16",
                f"You would hold {shares(after)} {order.symbol} ({shares(held)} held, "
                f"{shares(waiting)} in open buys), over the {shares(limits.max_long)} allowed; "
                f"{room}.",
            )
        return
    short = short_after(order, account)
    if short > limits.max_short:
        room = at_most(limits.max_short + held - waiting, lot, "sell")
        allowed = (
            f"over the {shares(limits.max_short)} allowed"
            if limits.max_short
            else "and these limits allow no short selling"
        )
        yield refuse(
            "G16",
            f"You hold {shares(held)} {order.symbol} with {shares(waiting)} in open sells; selling "
            f"{shares(order.quantity)} would leave {shares(short)} short, {allowed}; {room}.",
        )


def concentration(case: Case) -> Iterator[Reason]:
    """G17: not too much of the equity in one symbol."""
    order, account, _, limits = parts(case)
    longest, shortest = with_order(case, values(account).get(order.symbol, FLAT))
    worth = max(longest if order.side is Side.BUY else -shortest, Decimal(0))
    most = limits.max_concentration * equity(account)
    if worth > most:
        yield refuse(
            "G17",
            f"{order.symbol} would be {money(worth, order.currency)} of the account, over the "
            f"{percent(limits.max_concentration)} of equity "
            f"({money(most, order.currency)}) allowed in one symbol.",
        )


def exposure(case: Case) -> Iterator[Reason]:
    """G18: not too much in the market altogether, gross and net."""
    order, account, _, limits = parts(case)
    sides = values(account)
    before = sides.pop(order.symbol, FLAT)
    mine, others = with_order(case, before), sides.values()
    whole = equity(account)
    rest = sum((max(abs(a), abs(b)) for a, b in others), Decimal(0))
    gross, was = rest + max(map(abs, mine)), rest + max(map(abs, before))
    if gross > limits.max_gross * whole and gross > was:
        yield refuse(
            "G18",
            f"{money(gross, order.currency)} would be in the market, over "
            f"{percent(limits.max_gross)} of the equity of {money(whole, order.currency)}.",
        )
    if order.side is Side.BUY:
        net = sum((longest for longest, _ in others), mine[0])
    else:
        net = -sum((shortest for _, shortest in others), mine[1])
    if net > limits.max_net * whole and net > 0:
        way = "long" if order.side is Side.BUY else "short"
        yield refuse(
            "G18",
            f"You would be {money(net, order.currency)} net {way}, over "
            f"{percent(limits.max_net)} of the equity of {money(whole, order.currency)}.",
        )


def cash(case: Case) -> Iterator[Reason]:
    """G19: the cash, less what open orders reserve, pays for it with fees at the worst price."""
    order, account, market, limits = parts(case)
    opening = order.quantity if order.side is Side.BUY else short_after(order, account)
    if opening <= 0:
        return
    reserved = account.reserved + sum(
        (fee(limits, o.leaves) for o in account.open_orders), Decimal(0)
    )
    fees = fee(limits, order.quantity)
    needed = order_value(case) * opening / order.quantity + fees
    free = account.cash - reserved
    if needed > free:
        listed = listing(market)
        unit = value_price(case) * listed.multiplier + limits.fee_per_share
        yield refuse(
            "G19",
            f"{shares(order.quantity)} {order.symbol} may cost {money(needed, order.currency)} "
            f"with fees; {money(free, order.currency)} of cash is free "
            f"({money(reserved, order.currency)} is reserved by open orders); "
            f"{at_most((free - limits.fee_minimum) / unit, listed.lot)}.",
        )
