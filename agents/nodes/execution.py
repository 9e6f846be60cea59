"""The execution agent: proposes what was asked for. Host code proposes; a model only comments."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from agents.conditions import unmet
from agents.nodes.step import Step
from agents.planner.execution import told
from agents.request import Kind, Request
from agents.services import Services
from agents.state import State


async def execution(
    state: State, runtime: Runtime[Services]
) -> Command[Literal["decision", "__end__"]]:
    """Propose the order (the same one, should this node run twice) and report the gate's word."""
    step = Step("execution", state, runtime)
    request = step.request
    if held_back := unmet(request.condition, request.symbol, step.calls):
        step.say(held_back)
        return Command(goto="__end__", update=step.update(order_id=None))
    if request.kind is Kind.TRADE and request.quantity is not None:
        await step.toolbox.call(
            "propose_order",
            symbol=request.symbol,
            side=request.side,
            quantity=request.quantity,
            rationale=request.question,
            **request.terms.arguments(),
        )
    if request.kind is Kind.ORDER:
        tool = "cancel_order" if request.cancel else "get_order"
        found = await step.toolbox.call(tool, order_id=request.order_id)
        if request.change:
            await step.toolbox.call("propose_order", **_changed(found["data"], request))
    await step.think()
    proposed = next((c for c in step.calls if c["tool"] == "propose_order" and c["ok"]), None)
    if step.services.mind.typed_by_model and (order := step.order()) is not None:
        # Whatever a model wrote: the order and the gate's reasons as the ledger has them.
        step.say(told(order))
    if proposed is None:
        return Command(goto="__end__", update=step.update(order_id=None))
    step.emit({"type": "order", "order": proposed["data"]})
    waiting = proposed["data"]["state"] == "awaiting_approval"
    return Command(
        goto="decision" if waiting else "__end__",
        update=step.update(order_id=proposed["data"]["id"]),
    )


def _changed(old: dict[str, Any], request: Request) -> dict[str, Any]:
    """The arguments of an order like ``old`` with what the person wants different."""
    trail = old["trail_fraction"]
    kept = {
        "limit_price": old["limit_price"],
        "stop_price": old["stop_price"],
        "trail_price": old["trail_price"],
        "trail_percent": None if trail is None else str(Decimal(trail) * 100),
        "time_in_force": old["time_in_force"],
        "extended_hours": old["extended_hours"],
    }
    said = request.terms.arguments()
    if said.get("time_in_force") == "day":
        said.pop("time_in_force")
    return {
        "symbol": old["symbol"],
        "side": old["side"],
        "quantity": request.quantity or old["quantity"],
        "rationale": request.question,
        "replaces": old["client_order_id"],
        **kept,
        **said,
    }
