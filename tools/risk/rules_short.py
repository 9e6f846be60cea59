"""G30: short selling; G31: no trade with oneself."""

from __future__ import annotations

from tools.domain.instrument import AssetClass
from tools.domain.order import OrderType
from tools.domain.portfolio import OpenOrder
from tools.domain.status import Borrow
from tools.domain.verdict import Reason
from tools.risk.bounds import Incomplete
from tools.risk.facts import Facts
from tools.risk.rules_exposure import BORROWED
from tools.risk.rules_words import NOTHING, against, shares, shown
from tools.risk.totals import ZERO


def short_sale(facts: Facts) -> tuple[Reason, ...]:
    """G30: a sell that may leave a short position (``Facts.short`` above zero) is allowed and sure.

    ``short_selling`` is on. Of equities and coins: they are easy to borrow, or ``located`` covers
    the whole short; and where shorts are restricted the order has a limit above the bid (an unknown
    restriction refuses). Options are G34's. Orders that only close a long position aren't short.
    """
    if facts.short <= ZERO or facts.listed.asset_class is AssetClass.OPTION:
        return NOTHING
    order, market, symbol = facts.order, facts.market, facts.order.symbol
    found: tuple[Reason, ...] = NOTHING
    if not facts.limits.short_selling:
        found += against("G30", "These limits allow no short selling.")
    if facts.listed.asset_class not in BORROWED:
        return found
    located = ZERO if market.located is None else market.located
    if market.borrow is None or (market.borrow is not Borrow.EASY and located < facts.short):
        found += against(
            "G30",
            f"{shares(facts.short)} {symbol} would have to be borrowed, and it isn't sure that "
            f"they can be ({shares(located)} are reserved).",
        )
    if market.bid is None:
        raise Incomplete
    if market.short_restricted is not False and (
        market.short_restricted is None
        or order.limit_price is None
        or order.limit_price <= market.bid
    ):
        found += against(
            "G30",
            f"Short sales of {symbol} may be restricted today: use a limit above the bid of "
            f"{shares(market.bid)} once it is known."
            if market.short_restricted is None
            else f"Short sales of {symbol} are restricted today; use a limit above the bid of "
            f"{shares(market.bid)}.",
        )
    return found


def self_match(facts: Facts) -> tuple[Reason, ...]:
    """G31: no own open or unknown order on the other side that this one could trade with.

    They could trade when either has no limit, or the buy's limit is at or above the sell's; a
    resting stop without a limit counts, a stop-limit by its limit. Exempt are the orders that this
    one belongs to or replaces, and those of its group. Every order.
    """
    if facts.against <= ZERO:
        return NOTHING
    order = facts.order
    family = _family(facts)
    for o in facts.totals.orders[order.symbol]:
        if o.side is order.side or o.leaves <= 0 or not _cross(facts, o):
            continue
        if o.client_order_id in family or (o.group and o.group in family):
            continue
        return against(
            "G31",
            f"Your own order {shown(o.client_order_id[:10])} to {o.side} {shares(o.leaves)} "
            f"{order.symbol} could trade with this one; cancel it first.",
        )
    return NOTHING


def _cross(facts: Facts, o: OpenOrder) -> bool:
    mine, theirs = facts.order.limit_price, o.limit_price
    if mine is None or theirs is None or o.type is OrderType.MARKET:
        return True
    return mine >= theirs if facts.buy else mine <= theirs


def _family(facts: Facts) -> frozenset[str]:
    order, old = facts.order, facts.replaced
    names = {order.client_order_id, order.leg_of, order.replaces, old.group if old else ""}
    return frozenset(names - {""})
