"""Rules about trading itself: G01 switch, G25 repeats, G27 slices, G28 open orders, G33 replacing.

All hold for every order, also for one that only makes a position smaller.
"""

from __future__ import annotations

from datetime import timedelta

from tools.domain.verdict import Reason
from tools.risk.facts import Facts
from tools.risk.mode import Mode
from tools.risk.rules_words import NOTHING, against, ask_person, at_most, refuse, shares
from tools.risk.totals import ZERO


def switch(facts: Facts) -> tuple[Reason, ...]:
    """G01: HALTED (and any unknown mode) refuses all; REDUCE_ONLY lets a position shrink only.

    In REDUCE_ONLY an order passes when it doesn't raise exposure: it is opposite to what is held,
    and its leaves with the open orders on its side are no more than that. A bracket never passes.
    """
    mode: object = facts.case.mode
    if mode is Mode.ACTIVE:
        return NOTHING
    if mode is not Mode.REDUCE_ONLY:
        return against("G01", "Trading is halted; a person lifts it with: tollgate resume.")
    if not facts.raising:
        return NOTHING
    held, order = facts.held, facts.order
    room = abs(held) - facts.pending if held * order.side.sign < 0 else ZERO
    return against(
        "G01",
        f"Only orders that make a position smaller are let through now; you hold {shares(held)} "
        f"{order.symbol} and {shares(facts.pending)} are already on their way; "
        f"{at_most(room, facts.listed.lot, order.side)}.",
    )


def duplicate(facts: Facts) -> tuple[Reason, ...]:
    """G25: fewer than ``duplicate_count`` equal orders, this one too, in ``duplicate_seconds``.

    Equal are symbol, side, quantity, limit price and strategy. One that still waits for a person
    isn't counted, but pointed out (soft). A negative age (the clock was set back) counts as recent:
    better one refusal than a double.
    """
    order, limits = facts.order, facts.limits
    here = facts.totals.recent.get(order.symbol, ())
    if not here and limits.duplicate_count > 1:
        return NOTHING
    window = timedelta(seconds=limits.duplicate_seconds)
    same = [
        r
        for r in here
        if r.age <= window
        and (r.side, r.quantity, r.limit_price, r.strategy)
        == (order.side, order.quantity, order.limit_price, order.strategy)
    ]
    if not same and limits.duplicate_count > 1:
        return NOTHING
    what = f"{order.side} {shares(order.quantity)} {order.symbol}"
    sent = sum(not r.waiting for r in same)
    if sent + 1 >= limits.duplicate_count:
        return against(
            "G25",
            f"This would be number {sent + 1} of the same order ({what}) within "
            f"{limits.duplicate_seconds} s; wait, or ask for the whole quantity at once.",
        )
    if len(same) > sent:
        # Asking twice harms nothing; approving both may not be what the person means.
        return (
            ask_person(
                "G25",
                f"The same order ({what}) was proposed a moment ago and waits too; approve only "
                "the one you mean.",
            ),
        )
    return NOTHING


def slices(facts: Facts) -> tuple[Reason, ...]:
    """G27: the parts of a larger order come to no more than it, and are not too many.

    ``sliced`` plus this quantity is at most ``slice_total``, ``slices`` plus one at most
    ``max_slices``. A replacement of a part takes that part's place in both.
    """
    order = facts.order
    if not order.slice_of:
        return NOTHING
    done, old = facts.activity, facts.replaced
    earlier = done.sliced if old is None else done.sliced - old.leaves - old.filled
    count = done.slices + (1 if old is None else 0)
    whole = order.slice_total
    found: tuple[Reason, ...] = NOTHING
    if whole is None or earlier + order.quantity > whole:
        left = at_most((whole or ZERO) - earlier, facts.listed.lot, "send")
        found += against(
            "G27",
            f"{shares(earlier)} of the {shares(whole or ZERO)} {order.symbol} of the larger order "
            f"were sent; {shares(order.quantity)} more would be too many; {left}.",
        )
    if count > facts.limits.max_slices:
        found += against(
            "G27",
            f"This would be part {count} of a larger order, over the {facts.limits.max_slices} "
            "allowed; send larger parts.",
        )
    return found


def open_orders(facts: Facts) -> tuple[Reason, ...]:
    """G28: before this one fewer than the most orders open, reserved or unknown.

    Counted are those in the symbol (``max_open_per_symbol``) and in the account
    (``max_open_per_account``); the one that this order replaces is left out.
    """
    limits, order = facts.limits, facts.order
    gone = 0 if facts.replaced is None else 1
    here = len(facts.totals.orders.get(order.symbol, ())) - gone
    everywhere = len(facts.account.open_orders) - gone
    if here < limits.max_open_per_symbol and everywhere < limits.max_open_per_account:
        return NOTHING
    found = []
    if here >= limits.max_open_per_symbol:
        found.append(
            refuse(
                "G28",
                f"{here} orders in {order.symbol} are open, the most allowed is "
                f"{limits.max_open_per_symbol}; cancel one or wait.",
            )
        )
    if everywhere >= limits.max_open_per_account:
        found.append(
            refuse(
                "G28",
                f"{everywhere} orders are open, the most allowed is "
                f"{limits.max_open_per_account}; cancel one or wait.",
            )
        )
    return tuple(found)


def replacing(facts: Facts) -> tuple[Reason, ...]:
    """G33: what is replaced is open, known, at rest, alike, and hasn't traded more than is asked.

    The order that ``replaces`` names is among the account's open orders, in the same symbol and on
    the same side, neither unknown nor changing, and has filled at most the new quantity. The
    exposure of both is that of the larger (``Facts.leaves``).
    """
    order = facts.order
    if not order.replaces:
        return NOTHING
    name = order.replaces[:10]
    old = facts.totals.by_id.get(order.replaces)
    if old is None:
        return against("G33", f"Order {name} is not open any more, so it can't be replaced.")
    if old.symbol != order.symbol or old.side is not order.side:
        return against(
            "G33",
            f"Order {name} is to {old.side} {old.symbol}; an order in its place must be so too.",
        )
    found: tuple[Reason, ...] = NOTHING
    if old.unknown:
        found += against("G33", f"It isn't known where order {name} stands; wait until it is.")
    if old.changing:
        found += against("G33", f"Order {name} is being changed already; wait until that is done.")
    if order.quantity < old.filled:
        found += against(
            "G33",
            f"Order {name} has traded {shares(old.filled)} {old.symbol} already, more than the "
            f"{shares(order.quantity)} asked for; the quantity is the total of both.",
        )
    return found
