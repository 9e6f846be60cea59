"""Where the conversation waits for a person. What they decided is read from the ledger."""

from __future__ import annotations

from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from agents.nodes.step import Step
from agents.planner.execution import told
from agents.services import Services
from agents.state import State


async def decision(state: State, runtime: Runtime[Services]) -> dict[str, Any]:
    """Pause; on resume report the order as the ledger has it. The words of the reply do nothing."""
    interrupt({"order_id": state["order_id"]})
    step = Step("execution", state, runtime)
    order = await step.toolbox.call("get_order", order_id=state["order_id"])
    step.say(told(order))
    step.emit({"type": "order", "order": order["data"]})
    return step.update(outcome=order["data"]["state"])
