"""The gate: a pure, total function from a case to a verdict; the only place that says yes.

No clock, input, output or randomness; the same case gives the same verdict on any machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    DivisionByZero,
    FloatOperation,
    InvalidOperation,
    Overflow,
    localcontext,
)

from tools.domain.order import Approved, NeedsHuman, Reason, Refused, Verdict
from tools.risk.case import Case
from tools.risk.limits import Limits
from tools.risk.rules import RULES, Rule
from tools.risk.rules_explained import codes, explain

__all__ = ["codes", "decide", "explain", "weigh"]

# The gate's own arithmetic: whatever context the caller has, NaN and floats raise in here.
ARITHMETIC = Context(
    prec=50,
    rounding=ROUND_HALF_EVEN,
    traps=[DivisionByZero, FloatOperation, InvalidOperation, Overflow],
)


def decide(case: Case) -> Verdict:
    """Judge an order by the whole rule book; never raises, whatever is in the case."""
    return weigh(case, RULES)


def weigh(case: Case, rules: Sequence[Rule]) -> Verdict:
    """Judge by a given rule book and return every reason; an empty book refuses."""
    with localcontext(ARITHMETIC):
        digest, limits_hash = _digest(case), _limits_hash(case)
        reasons = _reasons(case, rules)
        if not digest:
            reasons += (Reason("G02", "The order can't be written down and hashed.", hard=True),)
        yes = _approved(case)
    if any(reason.hard for reason in reasons):
        return Refused(digest, limits_hash, reasons)
    if reasons and not yes:
        return NeedsHuman(digest, limits_hash, reasons)
    return Approved(digest, limits_hash, reasons)


def _reasons(case: Case, rules: Sequence[Rule]) -> tuple[Reason, ...]:
    found: list[Reason] = []
    silent: list[str] = []
    if not rules:
        return (Reason("G00", "No rules are loaded, so nothing can be let through.", hard=True),)
    for rule in rules:
        try:
            said = list(rule(case))
            if not all(type(reason) is Reason for reason in said):
                raise TypeError
            found += said
        except Exception:  # noqa: BLE001 - a rule that can't answer must not let the order through
            silent.append(getattr(rule, "__name__", "unnamed"))
    if silent:
        names = ", ".join(silent)
        found.append(
            Reason("G00", f"What can't be checked is refused; not checked: {names}.", hard=True)
        )
    return tuple(found)


def _digest(case: Case) -> str:
    try:
        digest = case.order.digest
    except Exception:  # noqa: BLE001 - an odd order has no digest and is refused for it
        return ""
    return digest if type(digest) is str else ""


def _limits_hash(case: Case) -> str:
    limits: object = case.limits if type(case) is Case else None
    text: object = limits.hash if type(limits) is Limits else ""
    return text if type(text) is str else ""


def _approved(case: Case) -> bool:
    return type(case) is Case and case.approved is True
