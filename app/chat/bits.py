"""Small pieces that the page is made of. Text always goes in as text, never as HTML."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from app.visible import visible


class Text(TextElement):
    """A run of plain text in a tag of its own; invisible characters are spelled out."""

    def __init__(self, text: object, classes: str = "", tag: str = "span") -> None:
        super().__init__(tag=tag, text=visible(str(text)))
        if classes:
            self.classes(classes)


def box(classes: str = "", tag: str = "div", testid: str = "") -> Element:
    """An element to fill with ``with``."""
    made = ui.element(tag)
    if classes:
        made.classes(classes)
    if testid:
        made.props["data-testid"] = testid
    return made


def fold(title: str, classes: str = "", testid: str = "") -> Element:
    """A title that opens what is put inside; works from the keyboard without any script."""
    made = box(f"fold {classes}".strip(), "details", testid)
    with made, box(tag="summary"):
        Text(title)
    return made


def button(text: str, classes: str, label: str = "", testid: str = "") -> ui.button:
    """A flat button with a spoken label; ``classes`` begins with its stable name."""
    made = ui.button(text, color=None).props("no-caps unelevated no-wrap").classes(f"tg {classes}")
    made.props["data-testid"] = testid or classes.split(maxsplit=1)[0]
    made.props["aria-label"] = label or text
    return made


def chip(text: object, classes: str = "") -> Text:
    """A short fact in a frame."""
    return Text(text, f"chip {classes}".strip())


def amount(value: str | Decimal | None, *, signed: bool = False) -> str:
    """Money for people: 1,234.50, a dash when it is not known."""
    if value is None:
        return "–"
    number = Decimal(value)
    return format(number, "+,.2f" if signed and number else ",.2f").replace("-", "−")


def tone(value: str | Decimal | None) -> str:
    """The class for a profit or a loss, none for zero and for the unknown."""
    if value is None or Decimal(value) == 0:
        return ""
    return "up" if Decimal(value) > 0 else "down"


def moment(text: str | None) -> str:
    """An ISO instant as a short time in UTC."""
    return "–" if not text else f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M} UTC"
