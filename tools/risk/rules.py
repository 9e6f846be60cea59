"""The rule book: one function a rule, in the order of their codes."""

from __future__ import annotations

from collections.abc import Callable

from tools.domain.verdict import Reason
from tools.risk import (
    rules_book,
    rules_complete,
    rules_contracts,
    rules_exposure,
    rules_flow,
    rules_losses,
    rules_market,
    rules_person,
    rules_price,
    rules_short,
    rules_size,
    rules_venue,
)
from tools.risk.facts import Facts

Rule = Callable[[Facts], tuple[Reason, ...]]
"""Every reason this rule has against the order, an empty tuple when it has none. Pure; may raise:
the gate then refuses."""

RULES: tuple[Rule, ...] = (
    rules_flow.switch,
    rules_complete.complete,
    rules_market.fresh,
    rules_market.timely,
    rules_market.marked,
    rules_market.reconciled,
    rules_person.source,
    rules_person.approval,
    rules_person.drift,
    rules_venue.taken,
    rules_venue.session,
    rules_price.steps,
    rules_price.geometry,
    rules_price.price_collar,
    rules_book.bands,
    rules_book.book_sound,
    rules_size.quantity,
    rules_size.value,
    rules_book.volume,
    rules_exposure.position,
    rules_exposure.concentration,
    rules_exposure.exposure,
    rules_exposure.cash,
    rules_exposure.margin,
    rules_losses.day_loss,
    rules_losses.drawdown,
    rules_losses.turnover,
    rules_losses.messages,
    rules_flow.duplicate,
    rules_losses.strategy,
    rules_flow.slices,
    rules_flow.open_orders,
    rules_market.universe,
    rules_short.short_sale,
    rules_short.self_match,
    rules_losses.order_to_fill,
    rules_flow.replacing,
    rules_contracts.contracts,
    rules_person.override,
)
