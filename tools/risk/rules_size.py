"""Rules about one order's size, and when its size wants a person: G13, G14, G06."""

from __future__ import annotations

from collections.abc import Iterator

from tools.domain.order import Reason
from tools.risk.case import Case
from tools.risk.limits import ApprovalPolicy
from tools.risk.rules_words import ask_person, at_most, money, percent, refuse, shares
from tools.risk.rules_worst import (
    Incomplete,
    equity,
    listing,
    no_price_for,
    order_value,
    parts,
    value_price,
)


def quantity(case: Case) -> Iterator[Reason]:
    """G13: not too many shares at once."""
    order, _, _, limits = parts(case)
    if order.quantity > limits.max_order_quantity:
        yield refuse(
            "G13",
            f"{shares(order.quantity)} {order.symbol} is over the "
            f"{shares(limits.max_order_quantity)} allowed in one order.",
        )


def value(case: Case) -> Iterator[Reason]:
    """G14: not too much money at once; a large part of the equity is pointed out to a person."""
    order, account, market, limits = parts(case)
    if missing := no_price_for(account):
        yield refuse("G14", f"The account can't be valued: no price is known for {missing}.")
        return
    worth, price, whole = order_value(case), value_price(case), equity(account)
    listed = listing(market)
    unit = price * listed.multiplier
    most = min(limits.max_order_value, limits.max_order_equity * max(whole, whole * 0))
    about = (
        f"{shares(order.quantity)} {order.symbol} at up to {money(price, order.currency)} "
        f"is {money(worth, order.currency)}"
    )
    if worth > most:
        if unit <= 0:
            raise Incomplete
        yield refuse(
            "G14",
            f"{about}, over the {money(most, order.currency)} allowed for one order; "
            f"{at_most(most / unit, listed.lot)}.",
        )
    elif worth > limits.soft_order_equity * whole:
        yield ask_person(
            "G14",
            f"{about}, more than {percent(limits.soft_order_equity)} of the account's "
            f"{money(whole, order.currency)}.",
        )


def person(case: Case) -> Iterator[Reason]:
    """G06: the policy may want a person's yes for every order."""
    _, _, _, limits = parts(case)
    if limits.approval is not ApprovalPolicy.ABOVE_SOFT:
        yield ask_person("G06", "Every order needs a person's approval under these limits.")
