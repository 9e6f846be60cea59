"""Who may send and who said yes: G05 source, G06 approval, G36 who may lift what is soft.

All hold for every order, also for one that only makes a position smaller.
"""

from __future__ import annotations

from datetime import timedelta

from tools.domain.verdict import Reason
from tools.risk.bounds import Incomplete
from tools.risk.case import Approval
from tools.risk.facts import Facts
from tools.risk.limits_values import ApprovalPolicy, matches
from tools.risk.rules_words import NOTHING, against, ask_person, money, percent, shown

# Who starts with one of these is a program, and programs don't approve.
MACHINES = ("agent", "mcp", "bot", "model", "system", "strategy", "desk", "preview")


def source(facts: Facts) -> tuple[Reason, ...]:
    """G05: the proposer, the program and the venue are among those that the limits name.

    ``source.principal`` is the order's own principal and matches ``principals``; ``source.build``
    matches ``builds``. Where real money moves the limits have ``live``, the source is
    armed (``live``), and its build is named in full: a pattern isn't enough. A pattern is a name,
    or its beginning and a star.
    """
    who, limits, order = facts.case.source, facts.limits, facts.order
    if who is None:
        raise Incomplete
    found: tuple[Reason, ...] = NOTHING
    if who.principal != order.principal:
        found += against(
            "G05",
            f"The order says that {shown(order.principal)} proposed it, but it came from "
            f"{shown(who.principal)}.",
        )
    if not matches(limits.principals, who.principal):
        found += against(
            "G05", f"{shown(who.principal)} is not among those who may propose orders here."
        )
    if not who.build or not matches(limits.builds, who.build):
        found += against(
            "G05", f"This build of the program ({shown(who.build)}) is not among those allowed."
        )
    if not facts.case.simulated_venue if who.real_money is None else who.real_money:
        found += _live(facts)
    return found


def _live(facts: Facts) -> tuple[Reason, ...]:
    who, limits = facts.case.source, facts.limits
    if who is None:
        raise Incomplete
    found: tuple[Reason, ...] = NOTHING
    if not limits.live:
        found += against("G05", "These limits don't allow trading with real money.")
    if not who.live:
        found += against(
            "G05", "Trading with real money was not armed when the desk was started; restart it so."
        )
    if who.build.endswith("*") or who.build not in limits.builds:
        found += against(
            "G05",
            f"For real money the limits must name this build of the program: {shown(who.build)}.",
        )
    return found


def approval(facts: Facts) -> tuple[Reason, ...]:
    """G06: a person's yes where the policy wants one, for exactly this and still standing.

    Without a yes an order is pointed out to a person (soft) when the policy is "always". A yes that
    doesn't hold refuses: it must be for the order's digest, the hash of the limits and the account;
    unused; given and not yet run out at the real time ``wall``, for no longer than
    ``approval_minutes``; by a person who isn't a program and not the proposer. An order worth more
    than ``second_person_value`` wants a second such person as well (soft until there is one), who
    is another than the first.
    """
    yes = facts.case.approval
    found: tuple[Reason, ...] = NOTHING
    if facts.limits.approval is not ApprovalPolicy.ABOVE_SOFT:
        found = (ask_person("G06", "Every order needs a person's approval under these limits."),)
    if yes is not None and (why := _objection(facts, yes)):
        found += against("G06", why)
    if facts.value > facts.limits.second_person_value and (yes is None or not yes.second):
        currency = facts.account.currency
        found += (
            ask_person(
                "G06",
                f"The order is worth {money(facts.value, currency)}; over "
                f"{money(facts.limits.second_person_value, currency)} a second person must say "
                "yes as well.",
            ),
        )
    return found


def drift(facts: Facts) -> tuple[Reason, ...]:
    """G06: a yes is for the price that it was given on, or one near it.

    The ask (for a buy) or the bid is at most ``max_drift`` from ``case.reference``, the price that
    the order was proposed on; without a reference there is nothing to compare.
    """
    reference = facts.case.reference
    if reference is None:
        return NOTHING
    price = facts.market.ask if facts.buy else facts.market.bid
    if price is None:
        raise Incomplete
    if abs(price - reference) <= facts.limits.max_drift * reference:
        return NOTHING
    order = facts.order
    name = "ask" if facts.buy else "bid"
    return against(
        "G06",
        f"The {name} of {order.symbol} moved from {money(reference, order.currency)} to "
        f"{money(price, order.currency)} since the order was proposed, more than the "
        f"{percent(facts.limits.max_drift)} allowed; propose it again.",
    )


def override(facts: Facts) -> tuple[Reason, ...]:
    """G36: who says yes is named in ``approvers``; what is hard nobody lifts.

    A yes lifts the soft reasons of one order and no more (``lifts``).
    """
    yes = facts.case.approval
    if yes is None:
        return NOTHING
    named = facts.limits.approvers
    if matches(named, yes.approver) and (not yes.second or matches(named, yes.second)):
        return NOTHING
    strangers = [who for who in (yes.approver, yes.second) if who and not matches(named, who)]
    return against(
        "G36", f"{shown(strangers[0])} is not among those who may approve under these limits."
    )


def lifts(facts: Facts) -> bool:
    """Whether a yes in the case lifts what is soft: it holds, and both said it where two must."""
    yes = facts.case.approval
    if yes is None or _objection(facts, yes) or override(facts):
        return False
    return bool(yes.second) or facts.value <= facts.limits.second_person_value


def _objection(facts: Facts, yes: Approval) -> str:
    """Why a yes doesn't hold; empty when it does."""
    bound = (yes.digest, yes.limits_hash, yes.account)
    if bound != (facts.digest, facts.limits_hash, facts.order.account) or not yes.digest:
        return "The approval is for another order, other limits or another account; ask again."
    if yes.used:
        return "The approval was used already; ask again."
    wall = facts.case.wall
    if wall is None:
        raise Incomplete
    skew = timedelta(seconds=facts.limits.clock_skew_seconds)
    if not yes.given_at - skew <= wall < yes.expires_at:
        return "The approval has run out, or is of a time to come; ask again."
    if yes.expires_at - yes.given_at > timedelta(minutes=facts.limits.approval_minutes):
        return f"An approval holds for {facts.limits.approval_minutes} minutes; this one is longer."
    proposer = _tidy(facts.order.principal)
    first, second = _tidy(yes.approver), _tidy(yes.second)
    for name in (first, second) if second else (first,):
        if not name or name.startswith(MACHINES):
            return f"Only a person approves; {shown(name)} is a program."
        if name == proposer:
            return f"{shown(name)} proposed this order and can't approve it."
    return "Two different persons must approve it." if first == second else ""


def _tidy(name: str) -> str:
    return " ".join(name.split()).casefold()
