"""One turn on the page: a fold of its events into elements, the same live and on reload."""

from __future__ import annotations

from collections.abc import Callable

from app.chat import sources
from app.chat.agent_block import AgentBlock, Paragraphs
from app.chat.bits import Text, box, chip
from app.chat.marks import marks_of
from app.chat.turns import Event, Turn


class TurnView:
    """Draws a turn; ``show_order`` draws the card of an order where it is called."""

    def __init__(self, number: int, turn: Turn, show_order: Callable[[str], None]) -> None:
        self._anchor = f"t{number}-s"
        self._show_order = show_order
        self._simulated_quote = False
        self._blocks: list[AgentBlock] = []
        self._texts: list[Paragraphs] = []
        self._orders: set[str] = set()
        self._box = box("turn working", "article", "turn")
        with self._box:
            with box("question"):
                Text(turn.question, "asked", "h2")
                if turn.as_of and not turn.restored:
                    chip(f"as of {turn.as_of[:10]}")
                if turn.restored:
                    chip("brought back after a restart")
            self._body = box("agents")
            self._cards = box("cards")
            self._foot = box("foot")
            self._errors = box("errors")
            self._wait = Text("The agents are starting …", "muted waiting", "div")
        for event in list(turn.events):
            self.apply(event)

    def apply(self, event: Event) -> None:
        """Draw one event."""
        draw = getattr(self, f"_on_{event['type']}", None)
        if draw is not None:
            draw(event)

    def _block(self, agent: str) -> AgentBlock:
        if not self._blocks or self._blocks[-1].agent != agent:
            self._start(agent)
        return self._blocks[-1]

    def _start(self, agent: str) -> None:
        self._wait.set_visibility(False)
        with self._body:
            self._blocks.append(AgentBlock(agent))

    def _on_agent(self, event: Event) -> None:
        if event["status"] == "start":
            self._start(event["agent"])
        else:
            self._block(event["agent"]).end()

    def _on_opening(self, event: Event) -> None:
        self._block(event["agent"]).opening(event["text"])

    def _on_tool_call(self, event: Event) -> None:
        self._block(event["agent"]).call(event)

    def _on_tool_result(self, event: Event) -> None:
        self._simulated_quote |= bool((event["data"] or {}).get("simulated_quote"))
        self._block(event["agent"]).result(event)

    def _on_text(self, event: Event) -> None:
        self._texts.append(self._block(event["agent"]).write(event["text"]))

    def _on_order(self, event: Event) -> None:
        order_id = str(event["order"]["id"])
        if order_id not in self._orders:
            self._orders.add(order_id)
            with self._cards:
                self._show_order(order_id)

    def _on_answer(self, event: Event) -> None:
        for i, part in enumerate(event["sections"]):
            if i >= len(self._texts):  # written elsewhere, after a decision that was made there
                self._start(part["agent"])
                self._texts.append(self._blocks[-1].write(part["text"]))
                self._blocks[-1].end()
            self._texts[i].trace(part["text"], marks_of(event, i, self._anchor))
        for order in event["orders"]:
            self._on_order({"order": order})
        self._foot.clear()
        with self._foot:
            sources.provenance(
                event,
                simulated_quote=self._simulated_quote,
                simulated_venue=any(order["simulated"] for order in event["orders"]),
            )
            sources.unsupported(event)
            sources.figures(event)
            sources.citations(event, self._anchor)

    def _on_error(self, event: Event) -> None:
        with self._errors, box("error", testid="error") as shown:
            shown.props["role"] = "alert"
            Text(event["text"])

    def _on_end(self, _: Event) -> None:
        self._wait.set_visibility(False)
        self._box.classes(remove="working")
        for block in self._blocks:
            block.end()
