"""The graph: data → signal → risk → execution → decision, with shortcuts for simpler questions."""

from __future__ import annotations

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agents.nodes.data import data
from agents.nodes.decision import decision
from agents.nodes.execution import execution
from agents.nodes.risk import risk
from agents.nodes.signal import signal
from agents.services import Services
from agents.state import State

Graph = CompiledStateGraph[State, Services, State, State]


def build_graph(checkpointer: BaseCheckpointSaver[str] | None = None) -> Graph:
    """Compile the graph; the edges are in the nodes' return types."""
    graph = StateGraph(State, context_schema=Services)
    graph.add_node("data", data)
    graph.add_node("signal", signal)
    graph.add_node("risk", risk)
    graph.add_node("execution", execution)
    graph.add_node("decision", decision)
    graph.add_edge(START, "data")
    return graph.compile(checkpointer=checkpointer)
