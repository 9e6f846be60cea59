"""One tool call on one line; its result in full when it is opened."""

from __future__ import annotations

import json

from nicegui import ui

from app.chat.bits import Text, box, chip
from app.chat.turns import Event

LONGEST = 20_000


class ToolLine:
    """Drawn when the call is made, finished when its result arrives."""

    def __init__(self, call: Event) -> None:
        """``call`` is a ``tool_call`` event."""
        given = ", ".join(f"{key}={value!r}" for key, value in call["arguments"].items())
        self._result: Event | None = None
        self._shown = False
        self._fold = box("tool pending", "details", "tool")
        with self._fold:
            with box(tag="summary"):
                Text(call["id"], "id")
                with box("call", "span"):
                    Text(call["tool"], "name")
                    Text(f"({given})", "given")
                self._mark = chip("untrusted text", "warn")
                self._ms = Text("…", "ms")
            self._body = box("result")
        self._mark.set_visibility(False)
        self._fold.on("toggle", self._fill, args=[])

    def finish(self, result: Event) -> None:
        """Show how long it took and whether it worked."""
        self._result = result
        self._fold.classes(remove="pending")
        self._ms.set_text(f"{result['ms']:.0f} ms")
        self._mark.set_visibility(bool(result["untrusted"]))
        if not result["ok"]:
            self._fold.classes("failed")
            self._ms.set_text(f"failed · {result['ms']:.0f} ms")

    def _fill(self) -> None:
        # A result may have thousands of values: it travels only when somebody looks.
        if self._shown or self._result is None:
            return
        self._shown = True
        with self._body:
            if not self._result["ok"] and self._result["error"]:
                Text(self._result["error"], "sentence")
            elif self._result["data"] is None:
                Text("The result was shown when the tool ran; it is not kept here.", "muted")
            else:
                whole = json.dumps(self._result["data"], indent=1, ensure_ascii=False)
                cut = whole[:LONGEST] + ("\n…" if len(whole) > LONGEST else "")
                Text(cut, "json", "pre")
        ui.update(self._body)
