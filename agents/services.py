"""What the nodes are given: a tool session and a mind. Nothing else reaches them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from mcp import Client

from agents.request import Request
from agents.state import Call, Section, latest_call
from agents.toolbox import Toolbox


@dataclass(frozen=True, slots=True)
class Brief:
    """One agent's task: the request, what is known so far, and what the others wrote."""

    request: Request
    as_of: str | None
    calls: list[Call]
    sections: list[Section]

    def result(self, tool: str, **arguments: object) -> Call | None:
        """The latest good call of ``tool`` whose arguments include these, None without one."""
        return latest_call(self.calls, tool, **arguments)


class Mind(Protocol):
    """What thinks for an agent: the planner, or a language model."""

    label: str
    typed_by_model: bool

    async def work(self, role: str, brief: Brief, toolbox: Toolbox) -> str:
        """The role's paragraph, with references instead of figures.

        Raises ModelUnavailable when a model is configured but does not answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """The graph's runtime context."""

    client: Client
    mind: Mind
    known: dict[str, str] = field(default_factory=dict)
