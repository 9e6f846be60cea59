"""Rules about trading itself: the switch, repeats and how much is open: G01, G25, G28."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from tools.domain.order import Reason
from tools.risk.case import Case
from tools.risk.mode import Mode, strictest
from tools.risk.rules_words import ask_person, at_most, refuse, shares
from tools.risk.rules_worst import listing, parts, pending


def switch(case: Case) -> Iterator[Reason]:
    """G01: HALTED refuses all; REDUCE_ONLY lets a position shrink, never open, grow or flip."""
    mode = strictest(case.mode)
    if mode is Mode.HALTED:
        yield refuse("G01", "Trading is halted; a person lifts it with: tollgate resume.")
    elif mode is Mode.REDUCE_ONLY:
        order, account, market, _ = parts(case)
        held, waiting = account.held(order.symbol), pending(account, order.symbol, order.side)
        room = abs(held) - waiting if held * order.side.sign < 0 else held * 0
        if order.quantity > room:
            yield refuse(
                "G01",
                f"Only orders that make a position smaller are let through now; you hold "
                f"{shares(held)} {order.symbol} and {shares(waiting)} are already on their way; "
                f"{at_most(room, listing(market).lot, order.side)}.",
            )


def duplicate(case: Case) -> Iterator[Reason]:
    """G25: the same order again and again within a short time."""
    order, account, _, limits = parts(case)
    window = timedelta(seconds=limits.duplicate_seconds)
    # A negative age (the clock was set back) counts as recent: better one refusal than a double.
    same = [
        r
        for r in account.recent
        if r.age <= window
        and (r.symbol, r.side, r.quantity, r.limit_price, r.strategy)
        == (order.symbol, order.side, order.quantity, order.limit_price, order.strategy)
    ]
    what = f"{order.side} {shares(order.quantity)} {order.symbol}"
    sent = sum(not r.waiting for r in same)
    if sent + 1 >= limits.duplicate_count:
        yield refuse(
            "G25",
            f"This would be number {sent + 1} of the same order ({what}) within "
            f"{limits.duplicate_seconds} s; wait, or ask for the whole quantity at once.",
        )
    elif len(same) > sent:
        # Asking twice harms nothing; approving both may not be what the person means.
        yield ask_person(
            "G25",
            f"The same order ({what}) was proposed a moment ago and waits too; approve only the "
            "one you mean.",
        )


def open_orders(case: Case) -> Iterator[Reason]:
    """G28: not too many orders open, reserved or unknown at once."""
    order, account, _, limits = parts(case)
    here = sum(o.symbol == order.symbol for o in account.open_orders)
    if here >= limits.max_open_per_symbol:
        yield refuse(
            "G28",
            f"{here} orders in {order.symbol} are open, the most allowed is "
            f"{limits.max_open_per_symbol}; cancel one or wait.",
        )
    if len(account.open_orders) >= limits.max_open_per_account:
        yield refuse(
            "G28",
            f"{len(account.open_orders)} orders are open, the most allowed is "
            f"{limits.max_open_per_account}; cancel one or wait.",
        )
