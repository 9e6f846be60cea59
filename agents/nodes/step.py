"""What every agent's node does around its own work: open the toolbox, show, keep the section."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from langgraph.runtime import Runtime

from agents.order_terms import Terms
from agents.rendering import Rendered
from agents.request import Kind, Request
from agents.services import Brief, Services
from agents.state import Call, Section, State
from agents.toolbox import Toolbox
from agents.withholding import withhold


def request_of(state: State) -> Request:
    """The request again, from the plain values that the checkpoint keeps."""
    kept = dict(state["request"])
    terms = Terms(**kept.pop("terms", {}))
    kept |= {"kind": Kind(kept["kind"]), "others": tuple(kept["others"]), "terms": terms}
    return Request(**kept)


class Step:
    """One agent's turn at the question."""

    def __init__(self, agent: str, state: State, runtime: Runtime[Services]) -> None:
        """Begin: copies the state's lists, tells the page that the agent started."""
        self.agent = agent
        self.state = state
        self.services = runtime.context
        self.emit = runtime.stream_writer
        self.calls: list[Call] = list(state.get("calls", []))
        self.sections: list[Section] = list(state.get("sections", []))
        self._request = request_of(state) if state.get("request") else None
        self.toolbox = Toolbox(
            self.services.client,
            agent,
            self.calls,
            self.emit,
            as_of=state.get("as_of"),
            host={
                "session": state["session"],
                # One wish a turn: a node that runs again after a crash proposes the same order.
                "intent_id": f"{state['session']}:{state['turn']}:{state['nonce']}"[:64],
            },
        )
        self.emit({"type": "agent", "agent": agent, "status": "start"})

    @property
    def request(self) -> Request:
        """What was asked; the data agent sets it, the others find it in the state."""
        if self._request is None:
            raise RuntimeError("the data agent has not read the question yet")
        return self._request

    @request.setter
    def request(self, request: Request) -> None:
        self._request = request

    async def think(self) -> None:
        """Let the mind write this agent's section, and show it."""
        brief = Brief(self.request, self.state.get("as_of"), self.calls, self.sections)
        text = await self.services.mind.work(self.agent, brief, self.toolbox)
        if not text.strip() and self.services.mind.typed_by_model:
            text = f"(The language model wrote nothing as the {self.agent} agent.)"
        self.say(text, typed_by_model=self.services.mind.typed_by_model)

    def order(self) -> Call | None:
        """The latest word on the turn's order, None when there is none."""
        return next((c for c in reversed(self.calls) if "order" in c["tool"] and c["ok"]), None)

    def say(self, text: str, *, typed_by_model: bool = False) -> None:
        """Add a section; what is shown has its references written out."""
        if not text.strip():
            return
        shown = Rendered(self.calls)
        for earlier in self.sections:
            shown.text(earlier["text"])
        if typed_by_model:
            # Kept as withheld, so that what is stored holds no unsourced figure either.
            text = withhold(text, self.state["question"], self.calls)
        self.sections.append(Section(agent=self.agent, text=text))
        self.emit({"type": "text", "agent": self.agent, "text": shown.text(text)})

    def update(self, **more: Any) -> dict[str, Any]:
        """What the node hands back to the graph."""
        self.emit({"type": "agent", "agent": self.agent, "status": "end"})
        kept: dict[str, Any] = {"calls": self.calls, "sections": self.sections}
        if self._request is not None:
            kept["request"] = asdict(self._request) | {"kind": str(self._request.kind)}
        return kept | more
