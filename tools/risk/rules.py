"""The rule book: one function a rule, in the order of their codes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tools.domain.order import Reason
from tools.risk import rules_complete, rules_exposure, rules_flow, rules_market, rules_size
from tools.risk.case import Case

Rule = Callable[[Case], Iterable[Reason]]
"""Every reason this rule has against the order, none when it has none. Pure; may raise: the gate
then refuses."""

RULES: tuple[Rule, ...] = (
    rules_flow.switch,
    rules_complete.complete,
    rules_market.fresh,
    rules_market.timely,
    rules_market.marked,
    rules_size.person,
    rules_market.drift,
    rules_market.steps,
    rules_market.collar,
    rules_size.quantity,
    rules_size.value,
    rules_exposure.position,
    rules_exposure.concentration,
    rules_exposure.exposure,
    rules_exposure.cash,
    rules_flow.duplicate,
    rules_flow.open_orders,
    rules_market.universe,
)
