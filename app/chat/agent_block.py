"""One agent's part of a turn: who, what it called, what it wrote."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from app.chat.bits import Text, box
from app.chat.inert import html_of
from app.chat.marks import Mark
from app.chat.tool_line import ToolLine
from app.chat.turns import Event

TITLES = {
    "data": "Data agent",
    "signal": "Signal agent",
    "risk": "Risk agent",
    "execution": "Execution agent",
}


class Paragraphs:
    """A text that an agent wrote; drawn again when the answer says which numbers are figures."""

    def __init__(self, text: str) -> None:
        self._html = ui.html(html_of(text), sanitize=True).classes("prose")

    def trace(self, text: str, marks: Sequence[Mark]) -> None:
        """Mark figures and citations."""
        self._html.set_content(html_of(text, marks))


class AgentBlock:
    """Filled as events arrive."""

    def __init__(self, agent: str) -> None:
        """Drawn when the agent starts."""
        self.agent = agent
        self._lines: dict[str, ToolLine] = {}
        self._box = box(f"agent working agent-{agent}", "section", f"agent-{agent}")
        self._box.props["aria-label"] = TITLES.get(agent, agent)
        with self._box:
            with box("who"):
                Text("", "dot")
                Text(TITLES.get(agent, agent), tag="h3")
                self._state = Text("working", "muted state")
            self._opening = Text("", "muted opening", "div")
            self._tools = box("tools")
            self._texts = box("texts")

    def opening(self, text: str) -> None:
        """What the agent is about to do."""
        self._opening.set_text(text)

    def call(self, event: Event) -> None:
        """A tool is being called."""
        with self._tools:
            self._lines[event["id"]] = ToolLine(event)

    def result(self, event: Event) -> None:
        """A tool has answered."""
        if line := self._lines.get(event["id"]):
            line.finish(event)

    def write(self, text: str) -> Paragraphs:
        """Something the agent says."""
        with self._texts:
            return Paragraphs(text)

    def end(self) -> None:
        """The agent is done, or nobody works on the turn any more."""
        self._box.classes(remove="working")
        self._state.set_text("")
