"""Two figures side by side: EUR 5.1m from EUR 6.2m, 9.0 compared to a loss of 4.5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.models.sentiment.marking import Mark
from tools.models.sentiment.reading import Word
from tools.models.sentiment.tables import Kind, Tables

YEARS = range(1900, 2101)


@dataclass(frozen=True, slots=True)
class Figure:
    """A value in its unit (money, share or none) at the place of a word."""

    at: int
    value: float
    unit: str


def figures(words: Sequence[Word], tables: Tables) -> list[Figure]:
    """The figures of a sentence, millions multiplied out; years and figures of a date left out."""
    found: list[Figure] = []
    for at, word in enumerate(words):
        value = word.number
        if value is None:
            continue
        before = words[at - 1].text if at else ""
        after = words[at + 1].text if at + 1 < len(words) else ""
        money, share = before in tables.money, after in tables.shares
        scale = tables.scales.get(after)
        if not (money or share or scale) and value in YEARS:
            continue
        after_scale = words[at + 2].text if scale and at + 2 < len(words) else ""
        unit = "money" if money or after_scale in tables.money else "share" if share else ""
        found.append(Figure(at, value * (scale or 1.0), unit))
    return found


@dataclass(frozen=True, slots=True)
class Compared:
    """``value`` is 1.0 where the later figure is the better one, -1.0 where the worse.

    It stands from the word ``first`` to ``last`` without the last; what was before is told from
    ``then`` on.
    """

    value: float
    first: int
    then: int
    last: int


def compared(words: Sequence[Word], marks: Sequence[Mark], tables: Tables) -> Compared | None:
    """None where nothing is compared, both are the same or nobody says of what."""
    known = figures(words, tables)
    for mark in marks:
        pair = _pair(words, mark, known) if mark.means(Kind.COMPARE) else None
        told = _quantity(marks, mark.first) if pair else None
        if pair is None or told is None:
            continue
        now, then = pair
        beside = _profit(words, marks, mark.last) or told
        # A profit beside a loss: one above zero, one below.
        difference = told * (now.value - then.value) if told == beside else told
        if difference:
            first, last = sorted((now.at, then.at))
            return Compared(1.0 if difference > 0 else -1.0, first, mark.first, last + 1)
    return None


def _pair(words: Sequence[Word], mark: Mark, known: list[Figure]) -> tuple[Figure, Figure] | None:
    """The figure of now and that of then, in one unit."""
    left = [one for one in known if one.at < mark.first]
    right = [one for one in known if one.at >= mark.last]
    for now in left:
        then = next((one for one in right if one.unit == now.unit), None)
        if then is not None:
            return now, then
    # "from 5 to 8": what was comes first.
    if words[mark.first].text == "from" and len(right) > 1 and right[0].unit == right[1].unit:
        between = [word.text for word in words[right[0].at : right[1].at]]
        return (right[1], right[0]) if "to" in between else None
    return None


def _quantity(marks: Sequence[Mark], at: int) -> int | None:
    """The sign of the first quantity before a place, of those side by side the last."""
    sign, end = None, -1
    for mark in marks:
        meaning = mark.means(Kind.QUANTITY) if mark.last <= at else None
        if meaning and (sign is None or mark.first == end):
            sign, end = meaning.sign, mark.last
    return sign


def _profit(words: Sequence[Word], marks: Sequence[Mark], at: int) -> int | None:
    """Whether what follows is called a loss or a profit, which need not be what went before."""
    for mark in marks:
        said = {word.text for word in words[mark.first : mark.last]}
        if mark.first >= at and said & {"loss", "losses", "profit", "income", "earnings"}:
            return -1 if said & {"loss", "losses"} else 1
    return None
