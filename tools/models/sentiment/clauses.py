"""What a clause says: what moved which way, what was met or missed, what is simply bad."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tools.models.sentiment.marking import Mark, merged
from tools.models.sentiment.reading import Word
from tools.models.sentiment.tables import Kind

MOVES = (Kind.MOVE_OF, Kind.MOVE, Kind.MOVE_LIKE, Kind.MOVE_TROUBLE)
BETWEEN = frozenset("to by from at in on as for due with than and or".split())
JOINS = frozenset(("and", "or"))
THEIR = frozenset(("our", "their", "its", "the"))
NEAR, FAR = 4, 8
"""Words between a movement and what moves."""
TURNED, LIKELY, NEXT = -0.8, 0.7, 6


@dataclass(frozen=True, slots=True)
class Finding:
    """``value`` of the words from ``first`` to ``last`` without the last."""

    value: float
    first: int
    last: int


def found_in(clause: Sequence[Mark], words: Sequence[Word], carried: Mark | None) -> list[Finding]:
    """What the marks of one clause say; ``carried`` is a quantity before it that nothing moved."""
    marks = merged(clause)
    used: set[Mark] = set()
    found = [*_measured(marks, words, used, carried), *_moved(marks, words, used, carried)]
    for mark in marks:
        if mark in used:
            continue
        tone = mark.means(Kind.TONE)
        alone = mark.means(Kind.QUANTITY, *MOVES)
        value = tone.alone if tone else alone.alone if alone else 0.0
        if value and not mark.means(Kind.TURNS_NEXT):
            found.append(Finding(value, mark.first, mark.last))
    return _in_doubt(_turned(found, marks), marks)


def quantity_left(clause: Sequence[Mark], carried: Mark | None) -> Mark | None:
    """The quantity that a later clause may move: the first of one in which nothing moves."""
    marks = merged(clause)
    if any(mark.means(*MOVES, Kind.OVER) for mark in marks):
        return None
    return next((mark for mark in marks if mark.means(Kind.QUANTITY)), carried)


def _measured(
    marks: list[Mark], words: Sequence[Word], used: set[Mark], carried: Mark | None
) -> list[Finding]:
    """Above or below what was expected; of costs below is good."""
    found = []
    for place, mark in enumerate(marks):
        over = mark.means(Kind.OVER)
        bar = _bar(mark, marks[place + 1 : place + 4], words)
        if over is None or bar is None:
            continue
        earlier = [one for one in marks[:place] if one.means(Kind.QUANTITY)]
        subject = earlier[-1] if earlier else carried
        meaning = subject.means(Kind.QUANTITY) if subject else None
        sign = meaning.sign if meaning else 1
        used |= {mark, bar} | ({subject} if subject and sign < 0 else set())
        found.append(Finding(float(over.sign * sign), mark.first, bar.last))
    return found


def _bar(mark: Mark, later: list[Mark], words: Sequence[Word]) -> Mark | None:
    """What it is measured against: a word for it, or a figure as in "ahead of our $1.22"."""
    for one in later:
        if one.means(Kind.BAR) and one.first - mark.last <= NEAR:
            return one
    near = words[mark.last : mark.last + 3]
    figure = next((at for at, word in enumerate(near) if word.number is not None), None)
    if figure is None or near[0].text not in THEIR:
        return None
    return Mark(mark.last, mark.last + figure + 1, ())


def _moved(
    marks: list[Mark], words: Sequence[Word], used: set[Mark], carried: Mark | None
) -> list[Finding]:
    found = []
    for mark in marks:
        meaning = None if mark in used else mark.means(*MOVES)
        if meaning is None:
            continue
        what = _what(mark, meaning.kind, marks, words) or carried
        quantity = what.means(Kind.QUANTITY) if what else None
        if what is None or quantity is None:
            continue
        used |= {mark, what}
        first, last = min(mark.first, what.first), max(mark.last, what.last)
        found.append(Finding(float(meaning.sign * quantity.sign), first, last))
    return found


def _what(mark: Mark, kind: Kind, marks: list[Mark], words: Sequence[Word]) -> Mark | None:
    """What moves: the object of a verb that has one, the noun of an adjective, else the subject."""
    quantities = [one for one in marks if one is not mark and _moves(one, kind)]
    before = [one for one in quantities if 0 <= mark.first - one.last <= FAR]
    after = [one for one in quantities if 0 <= one.first - mark.last <= FAR]
    if kind is not Kind.MOVE and after:
        between = words[mark.last : after[0].first]
        near = len(between) <= (NEAR if kind is Kind.MOVE_LIKE else FAR)
        if near and not any(word.text in BETWEEN for word in between):
            return after[0]
    if before:
        return before[-1]
    # "a fall in profit", but not "solid and leverage".
    joined = after and not any(word.text in JOINS for word in words[mark.last : after[0].first])
    return after[0] if joined and kind is not Kind.MOVE_LIKE else None


def _moves(mark: Mark, kind: Kind) -> bool:
    quantity = mark.means(Kind.QUANTITY)
    return quantity is not None and (kind is not Kind.MOVE_TROUBLE or quantity.sign < 0)


def _turned(found: list[Finding], marks: list[Mark]) -> list[Finding]:
    """Denials turn round what they are about; one that is about nothing speaks for itself."""
    for mark in marks:
        if mark.means(Kind.TURNS_NEXT):
            near = [o for o in found if o.last > mark.last and o.first - mark.last <= NEXT]
            found = _times(TURNED, near, found)
            tone = mark.means(Kind.TONE)
            if tone and not near:
                found.append(Finding(tone.alone, mark.first, mark.last))
        elif mark.means(Kind.TURNS_LAST):
            found = _times(TURNED, [o for o in found if o.last <= mark.first], found)
    return found


def _in_doubt(found: list[Finding], marks: list[Mark]) -> list[Finding]:
    """What only may be counts for nothing, what is expected for less."""
    for mark in marks:
        factor = 0.0 if mark.means(Kind.PERHAPS) else LIKELY if mark.means(Kind.LIKELY) else None
        if factor is not None:
            found = _times(factor, [o for o in found if o.last > mark.last], found)
    return found


def _times(factor: float, some: list[Finding], found: list[Finding]) -> list[Finding]:
    return [replace(one, value=factor * one.value) if one in some else one for one in found]
