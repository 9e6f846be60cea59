"""The conversation so far, or, before the first question, what one could ask."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from app.chat.bits import Text, box, button
from app.chat.room import Room
from app.chat.turn_view import TurnView
from app.chat.turns import Event, Turn

EXAMPLES = (
    "Should I buy 50 shares of IBM?",
    "What does an RSI above 70 mean?",
    "How is AAPL doing?",
    "What is in my portfolio?",
)
# A moment later: the script arrives before the new turn is drawn.
TO_LAST = (
    "setTimeout(() => document.querySelector('.turn:last-child')"
    "?.scrollIntoView({block: 'start'}), 60)"
)


class Transcript:
    """Follows a room; ``show_order`` draws an order's card, ``ask`` asks an example."""

    def __init__(
        self, room: Room, show_order: Callable[[str], None], ask: Callable[[str], object]
    ) -> None:
        self._show_order = show_order
        self._ask = ask
        self._views: dict[int, TurnView] = {}
        self._box = box("transcript", "main", "transcript")
        self._box.props["role"] = "log"
        self._box.props["aria-label"] = "Conversation"
        with self._box:
            self._empty = box("empty", testid="empty")
            with self._empty:
                self._invite()
        for turn in room.turns:
            self._view(turn)
        if room.turns:
            ui.run_javascript(TO_LAST)

    def apply(self, turn: Turn, event: Event) -> None:
        """Draw an event of the room; called from the room's own task, outside of any slot."""
        if event["type"] == "question":
            with self._box:
                self._view(turn)
                ui.run_javascript(TO_LAST)
        elif view := self._views.get(id(turn)):
            with self._box:
                view.apply(event)

    def _view(self, turn: Turn) -> None:
        self._empty.set_visibility(False)
        with self._box:
            self._views[id(turn)] = TurnView(len(self._views) + 1, turn, self._show_order)

    def _invite(self) -> None:
        Text("Ask the desk.", tag="h2")
        Text(
            "Four agents fetch prices, read the signal, weigh the risk and draft an order. Every "
            "figure comes from a tool, every claim from a source, and nothing is sent before the "
            "gate and you have both said yes.",
            "muted",
            "p",
        )
        with box("examples"):
            for text in EXAMPLES:
                button(text, "example", f"Ask: {text}").on_click(
                    lambda _, text=text: self._ask(text)
                )
