"""Where words and numbers stand in a passage: found verbatim, told by their place.

Nothing but white space and typographic quotation marks is made alike before words are compared.
Places are in characters of the passage's text, the end not included.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

RUN = re.compile(r"[^\s|]+")
UNIT = re.compile(
    r"\s*(%|‰|per\s?cent\b|basis points\b|bps\b|(?:hundred|thousand|million|billion|trillion)s?\b"
    r"|(?:bn|mn)\b)",
    re.IGNORECASE,
)
EDGE = "\"'“”‘’*_`.,;:!?()[]{}"
YEAR = re.compile(r"(?:19|20)\d\d")
ALIKE = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "’": "'", "‘": "'"})

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written, with its sign, currency and unit; ``key`` is equal for equal ones."""

    key: str
    start: int
    end: int


def numeric(text: str) -> bool:
    """Whether a numeric character of any script is in it."""
    return any(unicodedata.category(c).startswith("N") for c in text)


def bare(run: str) -> str:
    """A run of characters without the punctuation around it."""
    return run.strip(EDGE)


def numbers(text: str) -> Iterator[Number]:
    """Every number of a text, whole: "$4,321.7 million" is one, and so is "(3.5)", a loss."""
    for run in RUN.finditer(text):
        if not numeric(run.group()):
            continue
        core = bare(run.group())
        start = run.start() + run.group().index(core)
        end = start + len(core)
        unit = UNIT.match(text, end)
        key = core
        if unit is not None:
            end = unit.end()
            key += re.sub(r"per\s?cent", "%", unit.group(1).lower())
        around = text[max(start - 1, 0) : start] + text[end : end + 1]
        if around == "()" and not YEAR.fullmatch(core):
            start, end, key = start - 1, end + 1, f"({key})"
        yield Number(key, start, end)


def find_quotation(passage: str, quoted: str) -> Span | None:
    """Where ``quoted`` stands in ``passage`` word for word, None where it doesn't.

    A quotation cuts no word and no number in two. A comma or full stop that ends it may be the
    writer's own.
    """
    haystack, places = _alike(passage)
    whole, _ = _alike(quoted)
    for needle in dict.fromkeys((whole.strip(), whole.strip().rstrip(".,;"))):
        if not any(c.isalnum() for c in needle):
            return None
        at = haystack.find(needle)
        while at >= 0:
            span = (places[at], places[at + len(needle) - 1] + 1)
            if _uncut(passage, span):
                return span
            at = haystack.find(needle, at + 1)
    return None


def find_number(passage: str, wanted: Number) -> Span | None:
    """Where the same number, sign and unit included, stands first in ``passage``."""
    found = (row for row in numbers(passage) if row.key == wanted.key)
    return next(((row.start, row.end) for row in found), None)


def one_line(text: str) -> str:
    """``text`` with each run of white space as one space."""
    return " ".join(text.split())


def _alike(text: str) -> tuple[str, list[int]]:
    out: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        plain = " " if character.isspace() else character.translate(ALIKE)
        if plain == " " and out and out[-1] == " ":
            continue
        out.append(plain)
        places.append(place)
    return "".join(out), places


def _uncut(passage: str, span: Span) -> bool:
    for edge in span:
        if 0 < edge < len(passage) and passage[edge - 1].isalnum() and passage[edge].isalnum():
            return False
    return not any(row.start < edge < row.end for row in numbers(passage) for edge in span)
