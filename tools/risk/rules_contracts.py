"""G34: options and perpetuals.

Closing and shrinking a position passes; only an expired option refuses every order.
"""

from __future__ import annotations

from datetime import timedelta

from tools.domain.instrument import AssetClass, OptionTerms, Right
from tools.domain.order import Side
from tools.domain.verdict import Reason
from tools.risk.bounds import Incomplete
from tools.risk.facts import Facts
from tools.risk.rules_words import NOTHING, against, percent, shares, shown
from tools.risk.totals import ZERO

ONE = 1


def contracts(facts: Facts) -> tuple[Reason, ...]:
    """G34: an option is bought, or written only when covered; a perpetual stays off liquidation.

    An option isn't past its expiry; an order that raises exposure has at least ``min_option_days``
    until then and a known delta, at least which counts as exposure. An option that would be short
    is covered: a call by free shares of its underlying, a put by free cash for the strike, and only
    while no other contract is held short and nothing of the underlying's name is on sale. Of a
    perpetual, in an order that raises exposure, the liquidation price is known and at least
    ``min_liquidation_distance`` of the price (the bid of a long position, the ask of a short one)
    away on the losing side.
    """
    kind = facts.listed.asset_class
    if kind is AssetClass.OPTION:
        return _option(facts)
    if kind is AssetClass.PERPETUAL and facts.raising:
        return _perpetual(facts)
    return NOTHING


def _option(facts: Facts) -> tuple[Reason, ...]:
    terms, today, symbol = facts.listed.option, facts.case.today, facts.order.symbol
    if terms is None or type(terms) is not OptionTerms or today is None:
        return against("G34", f"The contract of the option {symbol} isn't known.")
    found: tuple[Reason, ...] = NOTHING
    if today > terms.expiry:
        found += against("G34", f"{symbol} expired on {terms.expiry:%Y-%m-%d}.")
    if not facts.raising:
        return found
    days = facts.limits.min_option_days
    if terms.expiry - today < timedelta(days=days):
        found += against(
            "G34",
            f"{symbol} expires on {terms.expiry:%Y-%m-%d}, in less than the {days} days that these "
            "limits want; choose a later one.",
        )
    if facts.market.delta is None or facts.market.underlying_price is None:
        found += against("G34", f"How {symbol} moves with its underlying isn't known.")
    if facts.short > 0:
        found += _written(facts, terms)
    return found


def _written(facts: Facts, terms: OptionTerms) -> tuple[Reason, ...]:
    sums, root = facts.totals, terms.underlying
    for p in facts.account.positions:
        if p.quantity < 0 and p.multiplier != ONE and p.symbol != facts.order.symbol:
            return against(
                "G34",
                f"{shown(p.symbol)} is held short already; one contract at a time is written.",
            )
    for symbol, line in sums.lines.items():
        if line.tally[1] > 0 and symbol.startswith(root) and symbol != facts.order.symbol:
            return against("G34", f"{shown(symbol)} is on sale; wait until it is sold or canceled.")
    needed = facts.short * facts.listed.multiplier
    if terms.right is Right.CALL:
        held = sums.positions.get(root)
        free = ZERO if held is None else held.quantity
        if free < needed:
            return against(
                "G34",
                f"Writing {shares(facts.short)} calls needs {shares(needed)} {shown(root)}; you "
                f"hold {shares(free)}.",
            )
        return NOTHING
    cash = facts.account.cash - sums.reserved
    if cash < facts.short * terms.strike * facts.scale:
        return against(
            "G34", "Writing these puts needs cash for the whole strike; there isn't enough free."
        )
    return NOTHING


def _perpetual(facts: Facts) -> tuple[Reason, ...]:
    market, symbol = facts.market, facts.order.symbol
    limit = market.liquidation_price
    if limit is None or limit < 0:
        return against("G34", f"The liquidation price of {symbol} isn't known.")
    if market.bid is None or market.ask is None:
        raise Incomplete
    long = facts.order.side is Side.BUY
    price = market.bid if long else market.ask
    distance = price - limit if long else limit - price
    least = facts.limits.min_liquidation_distance
    if distance >= least * price:
        return NOTHING
    return against(
        "G34",
        f"The position in {symbol} would be liquidated at {shares(limit)}, less than "
        f"{percent(least)} from the price of {shares(price)}; ask for less.",
    )
