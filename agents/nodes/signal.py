"""The signal agent: what the evidence says."""

from __future__ import annotations

from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from agents.conditions import whole_reading
from agents.nodes.step import Step
from agents.request import Kind
from agents.services import Services
from agents.state import State


async def signal(state: State, runtime: Runtime[Services]) -> Command[Literal["risk", "__end__"]]:
    """Indicators and votes; a request to trade goes on to the risk agent."""
    step = Step("signal", state, runtime)
    await step.think()
    request = step.request
    trade = request.kind is Kind.TRADE
    if request.condition and whole_reading(step.calls, request.symbol) is None:
        # What an order depends on is looked at, whatever a model thought of.
        await step.toolbox.call("compute_indicators", symbol=request.symbol)
    return Command(goto="risk" if trade else "__end__", update=step.update())
