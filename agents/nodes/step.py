"""What every agent's node does around its own work: open the toolbox, show, keep the section."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from langgraph.runtime import Runtime

from agents.evidence import Checked, check
from agents.order_terms import Terms
from agents.refusing import refusal
from agents.rendering import Rendered
from agents.request import Kind, Request
from agents.services import Brief, Services
from agents.state import Call, Refusal, Section, State, Unsupported
from agents.toolbox import Toolbox


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
        self.refused: Refusal | None = state.get("refused")
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
        """Let the mind write this agent's section, and show it: what a model wrote, as checked."""
        text = await self._written()
        if not self.services.mind.typed_by_model:
            self.say(text)
            return
        if not text.strip():
            self.say(f"(The language model wrote nothing as the {self.agent} agent.)")
            return
        checked = check(text, self.state["question"], self.calls, self.agent, marked=True)
        self.say(checked.text, checked.unsupported)

    async def tell(self) -> None:
        """Let the mind answer a question of knowledge: from passages, or it is refused."""
        question = self.state["question"]
        text = await self._written()
        checked = Checked(text, supported="[[cite:" in text)
        if self.services.mind.typed_by_model:
            checked = check(text, question, self.calls, self.agent, marked=False)
        if checked.supported:
            self.say(checked.text, checked.unsupported)
            return
        self.refused, text = refusal(question, self.calls)
        self.say(text, checked.unsupported)

    async def _written(self) -> str:
        brief = Brief(self.request, self.state.get("as_of"), self.calls, self.sections)
        return await self.services.mind.work(self.agent, brief, self.toolbox)

    def order(self) -> Call | None:
        """The latest word on the turn's order, None when there is none."""
        return next((c for c in reversed(self.calls) if "order" in c["tool"] and c["ok"]), None)

    def say(self, text: str, unsupported: Sequence[Unsupported] = ()) -> None:
        """Add a section; what is shown has its references written out."""
        if not text.strip():
            return
        shown = Rendered(self.calls)
        for earlier in self.sections:
            shown.text(earlier["text"])
        # Kept as checked, so that what is stored holds nothing unsourced either.
        kept = Section(agent=self.agent, text=text, unsupported=list(unsupported))
        self.sections.append(kept)
        refused = self.refused is not None
        told = {"type": "text", "agent": self.agent, "text": shown.text(text), "refused": refused}
        self.emit(told)

    def update(self, **more: Any) -> dict[str, Any]:
        """What the node hands back to the graph."""
        self.emit({"type": "agent", "agent": self.agent, "status": "end"})
        kept: dict[str, Any] = {
            "calls": self.calls,
            "sections": self.sections,
            "refused": self.refused,
        }
        if self._request is not None:
            kept["request"] = asdict(self._request) | {"kind": str(self._request.kind)}
        return kept | more
