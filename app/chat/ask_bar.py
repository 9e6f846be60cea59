"""The row at the bottom: the question, the date it is asked as of, and the button."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from app.chat.bits import Text, box, button

LONGEST = 2000


class AskBar:
    """``ask`` gets the question and the date, and answers with a sentence when it can't."""

    def __init__(self, ask: Callable[[str, str | None], str]) -> None:
        self._ask_act = ask
        with ui.footer().classes("ask-bar"):
            self._said = Text("", "said", "div")
            self._said.props["role"] = "alert"
            with box("row-of"):
                self._question = (
                    ui.input(placeholder="Ask about a symbol, a trade, your portfolio …")
                    .props(f'borderless dense autofocus maxlength={LONGEST} autocomplete="off"')
                    .classes("question-box")
                )
                # Not the Enter that ends a word in an input method for Chinese, say.
                self._question.on(
                    "keydown.enter", self.send, js_handler="(e) => e.isComposing || emit()"
                )
                self._question.props["data-testid"] = "question"
                self._question.props["aria-label"] = "Question"
                with box("as-of", "label") as label:
                    label.props["title"] = "Optional: nothing known later than this date is seen"
                    Text("as of")
                    self._as_of = (
                        ui.input().props("borderless dense type=date").classes("as-of-box")
                    )
                self._as_of.props["data-testid"] = "as-of"
                self._as_of.props["aria-label"] = "As of (optional): nothing known later is seen"
                self._ask = button("Ask", "ask primary", "Ask the question").on_click(self.send)

    def send(self) -> None:
        """Ask what is in the box."""
        if self.ask(self._question.value or ""):
            self._question.set_value("")

    def ask(self, question: str) -> bool:
        """Ask; whether the work began."""
        said = self._ask_act(question[:LONGEST], self._as_of.value or None)
        self._said.set_text(said)
        return not said

    def busy(self, busy: bool) -> None:
        """Show that the agents are at work; the button still answers, with the room's sentence."""
        self._ask.set_text("Working …" if busy else "Ask")
        self._ask.props["aria-busy"] = str(busy).lower()
        if not busy:
            self._said.set_text("")
