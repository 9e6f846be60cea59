"""The planner's front: one function a role, chosen by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from agents.planner.data import data
from agents.planner.execution import execution
from agents.planner.risk import risk
from agents.planner.signal import signal
from agents.services import Brief
from agents.toolbox import Toolbox

WORK: dict[str, Callable[[Brief, Toolbox], Awaitable[str]]] = {
    "data": data,
    "signal": signal,
    "risk": risk,
    "execution": execution,
}


class Planner:
    """A mind that follows fixed steps and says so; the same question gives the same answer."""

    label = "planner (deterministic, no language model)"
    typed_by_model = False

    async def work(self, role: str, brief: Brief, toolbox: Toolbox) -> str:
        """The role's paragraph."""
        return await WORK[role](brief, toolbox)
