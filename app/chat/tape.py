"""The tape: moving prices, drawn by a script in the browser from ``/ws/market``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from nicegui import ui

from app.chat.bits import box


@cache
def _script() -> str:
    return Path(__file__).with_name("tape.js").read_text("utf-8")


def tape() -> None:
    """A place for it, which the script fills; it stays hidden while nobody streams."""
    box("part tape hidden", testid="tape")
    ui.add_body_html(f"<script>{_script()}</script>")
