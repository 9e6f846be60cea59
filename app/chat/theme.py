"""How the page looks: one style sheet beside this file, two sets of colours, one sign."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from nicegui import ui

# A gate between two posts.
FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="7" fill="#1f5b54"/>'
    '<path d="M8 25V10M24 25V10M8 13h16M8 19h16" stroke="#f3efe4" stroke-width="3" '
    'stroke-linecap="round" fill="none"/></svg>'
)


@cache
def _sheet() -> str:
    return Path(__file__).with_name("page.css").read_text("utf-8")


def apply() -> None:
    """Style the page that is being built."""
    ui.colors(primary="#1f5b54", negative="#a8432b", positive="#2f7d68", warning="#8a6414")
    ui.add_head_html(f"<style>{_sheet()}</style>")
