"""The bar that is always there: what this is, whether it trades, and the switch that stops it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from app.chat.bits import Text, box, button, chip
from app.chat.board import Board

Switch = Callable[[], Awaitable[str]]


class TopBar:
    """Mode, halt and resume, orders that wait, a new session, and the panel's handle."""

    def __init__(
        self,
        halt: Switch,
        resume: Switch,
        toggle_panel: Callable[[], object],
        *,
        replay: bool = False,
    ) -> None:
        """``halt`` and ``resume`` give a sentence when they failed; ``replay`` is always shown."""
        self._switching = False
        self._halt_act, self._resume_act = halt, resume
        with ui.header().classes("bar"):
            Text("Tollgate", "brand", "h1")
            if replay:
                chip("REPLAY", "warn replay").props["data-testid"] = "replay"
            self._paper = chip("PAPER · SIMULATED", "warn paper")
            self._mode = chip("…", "mode")
            self._mode.props["data-testid"] = "mode"
            self._mode.props["role"] = "status"
            self._halt = button("Halt", "halt danger", "Halt: stop every new order at once")
            self._resume = button("Resume", "resume", "Resume: let orders through the gate again")
            box("space")
            self._waiting = button("", "pill", "Orders that wait for you", "waiting-pill")
            new = button("New", "new", "Begin a new session", "new-session")
            with new:
                Text("\u00a0session", "wide")
            new.on_click(lambda: ui.navigate.to("/"))
            button("Desk", "panel-handle", "Show or hide the desk panel").on_click(toggle_panel)
        self._waiting.on_click(toggle_panel)
        self._halt.on_click(lambda: self._switch(self._halt_act))
        self._resume.on_click(self._confirm)
        for hidden in (self._resume, self._waiting, self._paper):
            hidden.set_visibility(False)
        with ui.dialog() as self._dialog, ui.card().classes("ask-again"):
            Text("Let orders through again?", tag="h2")
            Text("New orders will pass the gate again, and those that you approve are sent.")
            with box("buttons"):
                yes = button("Resume trading", "resume-yes primary")
                button("Stay halted", "resume-no").on_click(self._dialog.close)
            yes.on_click(self._confirmed)

    def show(self, board: Board) -> None:
        """Draw the mode and how many orders wait."""
        mode = "UNREADABLE" if board.error else board.mode
        self._mode.set_text(mode)
        self._mode.classes(replace=f"chip mode {mode.lower()}")
        self._halt.set_visibility(mode != "HALTED")
        self._resume.set_visibility(mode in {"HALTED", "REDUCE_ONLY"})
        self._paper.set_visibility(board.simulated)
        count = len(board.waiting)
        self._waiting.set_text(f"{count} waiting")
        self._waiting.set_visibility(count > 0)

    def _confirm(self) -> None:
        self._dialog.open()

    async def _confirmed(self) -> None:
        self._dialog.close()
        await self._switch(self._resume_act)

    async def _switch(self, act: Switch) -> None:
        if self._switching:
            return
        self._switching = True
        self._halt.disable()
        self._resume.disable()
        try:
            if said := await act():
                ui.notify(said, type="negative", timeout=0, close_button="Close")
        finally:
            self._switching = False
            self._halt.enable()
            self._resume.enable()
