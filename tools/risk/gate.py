"""The gate: a pure, total function from a case to a verdict; the only place that says yes.

No clock, input, output or randomness; the same case gives the same verdict on any machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import getcontext, setcontext

from tools.domain.verdict import Approved, NeedsHuman, Reason, Refused, Verdict
from tools.risk.bounds import ARITHMETIC
from tools.risk.case import Case
from tools.risk.facts import Facts, facts_of
from tools.risk.limits import Limits
from tools.risk.rules import RULES, Rule
from tools.risk.rules_explained import codes, explain
from tools.risk.rules_person import lifts
from tools.risk.rules_words import NOTHING

__all__ = ["codes", "decide", "explain", "weigh"]


def decide(case: Case) -> Verdict:
    """Judge an order by the whole rule book; never raises, whatever is in the case."""
    return weigh(case, RULES)


def weigh(case: Case, rules: Sequence[Rule]) -> Verdict:
    """Judge by a given rule book and return every reason; an empty book refuses.

    One hard reason refuses. Soft reasons alone need a person, unless the case has the yes of one
    who may lift them. No reason at all approves.
    """
    if type(case) is not Case:
        return Refused("", "", (Reason("G02", "There is no case to decide.", hard=True),))
    outside = getcontext()
    setcontext(ARITHMETIC)
    try:
        return _weighed(case, rules)
    finally:
        setcontext(outside)


def _weighed(case: Case, rules: Sequence[Rule]) -> Verdict:
    facts = facts_of(case)
    facts.case = case
    digest = facts.digest = _digest(case)
    limits_hash = facts.limits_hash = _limits_hash(case)
    reasons = _reasons(facts, rules)
    if not digest:
        reasons += (Reason("G02", "The order can't be written down and hashed.", hard=True),)
    if not reasons:
        return Approved(digest, limits_hash)
    for reason in reasons:
        if reason.hard:
            return Refused(digest, limits_hash, reasons)
    if not _lifted(facts):
        return NeedsHuman(digest, limits_hash, reasons)
    return Approved(digest, limits_hash, reasons)


def _reasons(facts: Facts, rules: Sequence[Rule]) -> tuple[Reason, ...]:
    found: tuple[Reason, ...] = ()
    silent: list[str] = []
    if not rules:
        return (Reason("G00", "No rules are loaded, so nothing can be let through.", hard=True),)
    for rule in rules:
        try:
            said = rule(facts)
            if said is not NOTHING:
                found += _reasons_only(said)
        except Exception:  # noqa: BLE001 - a rule that can't answer must not let the order through
            silent.append(getattr(rule, "__name__", "unnamed"))
    if silent:
        names = ", ".join(silent)
        found += (
            Reason("G00", f"What can't be checked is refused; not checked: {names}.", hard=True),
        )
    return found


def _reasons_only(said: tuple[Reason, ...]) -> tuple[Reason, ...]:
    if type(said) is not tuple or not all(type(reason) is Reason for reason in said):
        raise TypeError
    return said


def _digest(case: Case) -> str:
    try:
        digest = case.order.digest
    except Exception:  # noqa: BLE001 - an odd order has no digest and is refused for it
        return ""
    return digest if type(digest) is str else ""


def _limits_hash(case: Case) -> str:
    limits: object = case.limits
    text: object = limits.hash if type(limits) is Limits else ""
    return text if type(text) is str else ""


def _lifted(facts: Facts) -> bool:
    """Whether a person's yes in the case lifts what is soft."""
    try:
        return lifts(facts) is True
    except Exception:  # noqa: BLE001 - an odd approval is none
        return False
