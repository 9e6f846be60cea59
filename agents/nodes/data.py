"""The data agent: reads the question, fetches prices or knowledge, and says who goes next."""

from __future__ import annotations

from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from agents.nodes.step import Step
from agents.past_wish import LOTS, RUN, SWEEP, WALK
from agents.request import Kind, Request, parse
from agents.services import Services
from agents.state import State

PASSAGES = 4
"""How many passages a question of knowledge is answered from."""

NEXT: dict[Kind, Literal["signal", "risk", "execution", "__end__"]] = {
    Kind.TRADE: "signal",
    Kind.ANALYSE: "signal",
    Kind.PORTFOLIO: "risk",
    Kind.ORDER: "execution",
    Kind.KNOWLEDGE: "__end__",
    Kind.BACKTEST: "signal",
    Kind.NEWS: "signal",
}


PLAYED = {
    RUN: "The strategy goes",
    SWEEP: "Each combination goes by itself, which takes up to some minutes,",
    WALK: "Each combination goes for each stretch, which takes up to some minutes,",
    LOTS: "The strategy goes, and then its days are drawn anew,",
}


async def data(
    state: State, runtime: Runtime[Services]
) -> Command[Literal["signal", "risk", "execution", "__end__"]]:
    """Read the request, open the answer, fetch what it needs."""
    step = Step("data", state, runtime)
    step.request = request = parse(state["question"], step.services.known)
    step.emit({"type": "opening", "agent": "data", "text": _opening(request, state)})
    if request.kind is Kind.KNOWLEDGE:
        # Here and not by a model's choice: what is refused was looked for.
        await step.toolbox.call("search_knowledge", query=request.question, limit=PASSAGES)
        await step.tell()
    if request.kind in (Kind.TRADE, Kind.ANALYSE):
        await step.think()
    return Command(goto=NEXT[request.kind], update=step.update())


def _opening(request: Request, state: State) -> str:
    at = f" as of {state['as_of']}" if state.get("as_of") else ""
    return {
        Kind.TRADE: f"Prices first, then the signal, the risk and the gate{at}.",
        Kind.ANALYSE: f"Prices first, then the signal{at}.",
        Kind.PORTFOLIO: f"Looking at the account{at}.",
        Kind.ORDER: "Looking up the order.",
        Kind.KNOWLEDGE: f"Searching the knowledge base{at}.",
        Kind.NEWS: f"Scoring the tone of the kept news{at}.",
        Kind.BACKTEST: f"{PLAYED[request.way]} through the desk on past prices{at}.",
    }[request.kind]
