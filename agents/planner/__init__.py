"""The deterministic planner: the four agents' work without a language model."""

from agents.planner.planner import Planner

__all__ = ["Planner"]
