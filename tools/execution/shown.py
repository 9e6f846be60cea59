"""An order as its approver reads it, made from the very bytes that are hashed, and back again.

Every character that could hide, turn or imitate another is written as an escape: all but printable
ASCII, and every space that one can't see.
"""

from __future__ import annotations

import json

from tools.domain.errors import InputError

NOTHING = "none"
# Numbers as text, so the word for nothing is no value of theirs.
NULLABLE = frozenset({"limit_price"})
FLAGS = {"yes": True, "no": False}
FLAG_FIELDS = frozenset({"extended_hours"})


def rendered(canonical: bytes) -> tuple[tuple[str, str], ...]:
    """Every field of an order's canonical bytes as a label and a value, in the bytes' order."""
    fields = json.loads(canonical)
    return tuple((name.replace("_", " "), _value(value)) for name, value in fields.items())


def parsed(lines: tuple[tuple[str, str], ...]) -> bytes:
    """The canonical bytes that lines were made from; InputError for lines that were not."""
    try:
        fields = {label.replace(" ", "_"): text for label, text in lines}
        values = {name: _parsed(name, text) for name, text in fields.items()}
    except (KeyError, ValueError) as error:
        raise InputError(f"this is no order as the desk shows it ({error})") from error
    return json.dumps(values, sort_keys=True, separators=(",", ":")).encode()


def visible(text: str) -> str:
    """The text with every character that isn't plain to see written as an escape."""
    spelled = json.dumps(text)[1:-1].replace("\x7f", "\\u007f")
    out = [
        "\\u0020" if c == " " and (i in (0, len(spelled) - 1) or spelled[i - 1] == " ") else c
        for i, c in enumerate(spelled)
    ]
    return "".join(out)


def _value(value: object) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return visible(str(value))


def _parsed(name: str, text: str) -> object:
    if name in NULLABLE and text == NOTHING:
        return None
    if name in FLAG_FIELDS:
        return FLAGS[text]
    value: object = json.loads(f'"{text}"')
    return value
