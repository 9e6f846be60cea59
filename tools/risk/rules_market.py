"""Rules about how fresh and how sound the pictures are, and what is traded: G03, G04, G29."""

from __future__ import annotations

from datetime import timedelta

from tools.domain.order import SAME_MOMENT
from tools.domain.verdict import Reason
from tools.risk.bounds import Incomplete
from tools.risk.facts import Facts
from tools.risk.kept import Kept
from tools.risk.limits import Limits
from tools.risk.rules_words import NOTHING, against, refuse, shown


def _windows(limits: Limits) -> tuple[timedelta, timedelta, timedelta]:
    """How far ahead anything may be, how old a price, and how old the account's figures."""
    return (
        timedelta(seconds=limits.clock_skew_seconds),
        timedelta(days=limits.stale_market_days),
        timedelta(seconds=limits.stale_account_seconds),
    )


windows = Kept(_windows)


def fresh(facts: Facts) -> tuple[Reason, ...]:
    """G03: market and account are recent, and nothing comes from the future. Every order.

    At ``now`` the price is at most ``stale_market_days`` old and the account's figures at most
    ``stale_account_seconds``; the order, the price and the figures are at most
    ``clock_skew_seconds`` ahead.
    """
    order, market, limits, now = facts.order, facts.market, facts.limits, facts.case.now
    if now is None or market.at is None:
        raise Incomplete
    skew, oldest, latest = windows(limits)
    age, since = now - market.at, now - facts.account.at
    if order.as_of - now <= skew and -skew <= age <= oldest and -skew <= since <= latest:
        return NOTHING
    found = []
    if order.as_of - now > skew:
        found.append(
            refuse("G03", f"The order is dated {order.as_of:%Y-%m-%d %H:%M}, in the future.")
        )
    if age > oldest:
        found.append(
            refuse(
                "G03",
                f"The last price of {order.symbol} is from {market.at:%Y-%m-%d}, {age.days} days "
                f"before the order, older than the {oldest.days} days allowed; use a feed with "
                "newer prices.",
            )
        )
    elif age < -skew:
        found.append(
            refuse("G03", f"The price of {order.symbol} is from after the moment of the order.")
        )
    if not -skew <= since <= latest:
        found.append(
            refuse(
                "G03",
                f"The account's figures are of {facts.account.at:%Y-%m-%d %H:%M:%S}, more than "
                f"{limits.stale_account_seconds} s from the order's moment; read the account "
                "again.",
            )
        )
    return tuple(found)


def timely(facts: Facts) -> tuple[Reason, ...]:
    """G03: the market clock never goes back, and only simulated orders are of the past.

    Unless the order is dated, ``latest`` is at most one minute after ``now``. A dated order is for
    a simulated venue. Every order.
    """
    case, now = facts.case, facts.case.now
    if now is None:
        raise Incomplete
    if case.dated:
        if case.simulated_venue:
            return NOTHING
        return against(
            "G03",
            f"The order is dated {facts.order.as_of:%Y-%m-%d %H:%M}, before the market clock, and "
            "this venue is not simulated; leave the date out.",
        )
    if case.latest is None or case.latest - now <= SAME_MOMENT:
        return NOTHING
    return against(
        "G03",
        f"The market clock went back from {case.latest:%Y-%m-%d %H:%M} to {now:%Y-%m-%d %H:%M} "
        "UTC: the live feed can't be reached; wait for it, or work in another TOLLGATE_HOME.",
    )


def marked(facts: Facts) -> tuple[Reason, ...]:
    """G03: what is held has a price of at most ``stale_market_days``: an old one is no equity.

    Only orders that raise exposure; a mark without a moment counts as old.
    """
    now = facts.case.now
    if now is None:
        raise Incomplete
    if not facts.raising:
        return NOTHING
    undated, oldest = facts.totals.undated, facts.totals.oldest
    if undated:
        return against(
            "G03",
            f"It isn't known how old the price of {shown(undated)} is, which you hold; only orders "
            "that make a position smaller are let through.",
        )
    _, days, _ = windows(facts.limits)
    if oldest is None or now - oldest[0] <= days:
        return NOTHING
    return against(
        "G03",
        f"The last price of {shown(oldest[1])}, which you hold, is from {oldest[0]:%Y-%m-%d}, "
        f"older than the {days.days} days allowed; what the account is worth isn't known, so only "
        "orders that make a position smaller are let through.",
    )


def reconciled(facts: Facts) -> tuple[Reason, ...]:
    """G04: the account agrees with the venue's own figures, its news arrive, nothing is unknown.

    Only orders that raise exposure. At the real time ``wall`` the last comparison is at most
    ``stale_reconciliation_seconds`` old (and at most ``clock_skew_seconds`` ahead), it found no
    difference, the venue is connected, and no open order in the symbol has an unknown fate.
    """
    if not facts.raising:
        return NOTHING
    health, limits, wall = facts.health, facts.limits, facts.case.wall
    if wall is None:
        raise Incomplete
    symbol = facts.order.symbol
    found: tuple[Reason, ...] = NOTHING
    if health.reconciled_at is None:
        found += against("G04", "The account was never compared with the venue; do that first.")
    else:
        age = (wall - health.reconciled_at).total_seconds()
        if not -limits.clock_skew_seconds <= age <= limits.stale_reconciliation_seconds:
            found += against(
                "G04",
                f"The account was last compared with the venue at "
                f"{health.reconciled_at:%Y-%m-%d %H:%M:%S} UTC, more than "
                f"{limits.stale_reconciliation_seconds} s ago; wait for the next comparison.",
            )
    if health.differences:
        found += against(
            "G04",
            f"The account differs from the venue's own: {shown(health.differences[0], 160)}",
        )
    if not health.connected:
        found += against("G04", "No news arrive from the venue; wait until it is connected.")
    for o in facts.totals.orders.get(symbol, ()):
        if o.unknown:
            found += against(
                "G04",
                f"It isn't known what became of order {shown(o.client_order_id[:10])} in {symbol}; "
                "wait until it is.",
            )
            break
    return found


def universe(facts: Facts) -> tuple[Reason, ...]:
    """G29: a listing that a feed knows, tradable and not restricted, for every order.

    An order that raises exposure is also in a symbol of the list of allowed ones if there is one,
    in a class of ``asset_classes``, and in a listing without a warning among ``flags``; what one
    holds may still be sold.
    """
    order, market, limits = facts.order, facts.market, facts.limits
    listed = market.instrument
    if market.known is not True or listed is None:
        symbol = shown(order.symbol)
        because = f" {shown(market.note, 160)}" if market.note else ""
        return against("G29", f"No price feed knows the symbol {symbol}.{because}")
    found: tuple[Reason, ...] = NOTHING
    symbol = order.symbol
    if listed.symbol != symbol:
        found += against("G29", f"{symbol} was found as {shown(listed.symbol)}; ask for that one.")
    if not listed.tradable:
        found += against("G29", f"{symbol} can be looked at but not traded.")
    if limits.restricted and symbol.upper() in limits.restricted:
        found += against("G29", f"{symbol} is on the restricted list and must not be traded.")
    if not facts.raising:
        return found
    if limits.allowed and symbol.upper() not in limits.allowed:
        found += against("G29", f"{symbol} is not among the symbols that the limits allow.")
    if order.asset_class not in limits.asset_classes:
        found += against("G29", f"The limits don't allow trading in {order.asset_class}.")
    if listed.flags:
        for flag in limits.flags:
            if flag in listed.flags:
                found += against("G29", f"{symbol} is marked as {flag}; such isn't traded.")
    return found
