"""Rules about one order's size: G13 quantity, G14 value."""

from __future__ import annotations

from tools.domain.verdict import Reason
from tools.risk.bounds import Incomplete
from tools.risk.facts import Facts
from tools.risk.rules_words import (
    NOTHING,
    against,
    ask_person,
    at_most,
    money,
    percent,
    shares,
    shown,
)
from tools.risk.totals import ZERO


def quantity(facts: Facts) -> tuple[Reason, ...]:
    """G13: at most ``max_order_quantity``. Every order."""
    if facts.quantity <= facts.limits.max_order_quantity:
        return NOTHING
    return against(
        "G13",
        f"{shares(facts.quantity)} {facts.order.symbol} is over the "
        f"{shares(facts.limits.max_order_quantity)} allowed in one order.",
    )


def value(facts: Facts) -> tuple[Reason, ...]:
    """G14: the whole quantity at ``Facts.price`` is not too much money at once.

    At most ``max_order_value`` for every order, and at most ``max_order_equity`` of the equity (of
    nothing, where that is below zero) for one that raises exposure; such an order needs every
    holding to have a price. More than ``soft_order_equity`` of a known equity is pointed out
    (soft).
    """
    order, limits, whole = facts.order, facts.limits, facts.equity
    unit = facts.price * facts.scale
    worth = facts.quantity * unit
    most = limits.max_order_value
    if facts.raising:
        if whole is None:
            names = ", ".join(shown(symbol) for symbol in facts.totals.unpriced)
            return against("G14", f"The account can't be valued: no price is known for {names}.")
        most = min(most, limits.max_order_equity * (whole if whole >= ZERO else ZERO))
    soft = whole is not None and worth > limits.soft_order_equity * whole
    if worth <= most and not soft:
        return NOTHING
    mine = facts.account.currency
    about = (
        f"{shares(facts.quantity)} {order.symbol} at up to {money(facts.price, order.currency)} "
        f"is {money(worth, mine)}"
    )
    if worth > most:
        if unit <= 0:
            raise Incomplete
        return against(
            "G14",
            f"{about}, over the {money(most, mine)} allowed for one order; "
            f"{at_most(most / unit, facts.listed.lot)}.",
        )
    return (
        ask_person(
            "G14",
            f"{about}, more than {percent(limits.soft_order_equity)} of the account's "
            f"{money(whole or ZERO, mine)}.",
        ),
    )
