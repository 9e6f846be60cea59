"""Where the figures and citations of a text stand, kept through Markdown by flags in the text.

A flag is made of characters for private use. Those that a stranger wrote are spelled out before the
flags are set, so nobody else can set one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from app.visible import visible

BEGIN, END = "\ue000", "\ue001"
DIGITS = {str(n): chr(0xE010 + n) for n in range(10)}
READ = {flag: digit for digit, flag in DIGITS.items()}
FLAGGED = re.compile(f"{BEGIN}([\ue010-\ue019]+){BEGIN}(.*?){END}", re.DOTALL)
FLAGS = re.compile("[\ue000-\ue019]+")


@dataclass(frozen=True, slots=True)
class Mark:
    """A figure or a citation at characters ``start`` to ``end`` of one section's text.

    ``told`` is a figure's origin; ``href`` where a citation leads, "" for a figure.
    """

    start: int
    end: int
    told: str = ""
    href: str = ""


def marks_of(answer: dict[str, Any], section: int, anchor: str) -> list[Mark]:
    """The marks of an answer's section, by place; ``{anchor}1`` is the footnote of ``[1]``."""
    found = [
        Mark(row["at"][1], row["at"][2], _origin(row))
        for row in answer["figures"]
        if row["at"][0] == section
    ]
    for row in answer["citations"]:
        found += [
            Mark(start, end, href=f"#{anchor}{int(row['number'])}")
            for where, start, end in row["at"]
            if where == section
        ]
    return sorted(found, key=lambda mark: mark.start)


def _origin(row: dict[str, Any]) -> str:
    if "document" in row:
        return f"{row['document']} {row['start']}–{row['end']}"
    return f"{row['tool']} › {row['path']} ({row['call']})"


def flagged(text: str, marks: Sequence[Mark]) -> str:
    """``text`` with every invisible character spelled out and a flag around each mark."""
    out: list[str] = []
    end = 0
    for n, mark in enumerate(marks):
        if not end <= mark.start < mark.end <= len(text):
            continue
        number = "".join(DIGITS[digit] for digit in str(n))
        out += [
            visible(text[end : mark.start]),
            f"{BEGIN}{number}{BEGIN}{visible(text[mark.start : mark.end])}{END}",
        ]
        end = mark.end
    return "".join([*out, visible(text[end:])])


def written(text: str, marks: Sequence[Mark]) -> str:
    """A run of text as HTML: escaped, its flags turned into marks."""
    out: list[str] = []
    end = 0
    for found in FLAGGED.finditer(text):
        number = int("".join(READ[flag] for flag in found[1]))
        out += [_plain(text[end : found.start()]), _marked(_plain(found[2]), marks[number])]
        end = found.end()
    return "".join([*out, _plain(text[end:])])


def _plain(text: str) -> str:
    return escape(FLAGS.sub("", text))


def _marked(shown: str, mark: Mark) -> str:
    if mark.href:
        return f'<a class="cite" href="{escape(mark.href)}">{shown}</a>'
    kind = "figure" if " " in shown else "figure num"
    return f'<span class="{kind}" title="{escape(mark.told)}">{shown}</span>'
