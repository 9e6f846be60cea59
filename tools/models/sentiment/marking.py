"""The words of a sentence that the tables know, longest phrases first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.models.sentiment.reading import Word
from tools.models.sentiment.tables import Kind, Meaning, Tables

STOPS = frozenset(",;:()")


@dataclass(frozen=True, slots=True)
class Mark:
    """Words ``first`` to ``last`` without the last, and what they may mean."""

    first: int
    last: int
    meanings: tuple[Meaning, ...]

    def means(self, *kinds: Kind) -> Meaning | None:
        """The first of its meanings that is of one of these kinds, in the order of the kinds."""
        return next((one for kind in kinds for one in self.meanings if one.kind is kind), None)


def marked(words: Sequence[Word], tables: Tables) -> list[Mark]:
    """The marks in order, none over another."""
    bases = [tables.base(word.text) for word in words]
    found: list[Mark] = []
    at = 0
    while at < len(bases):
        for size in range(min(tables.longest, len(bases) - at), 0, -1):
            meanings = _meanings(words, bases, at, size, tables)
            if meanings:
                found.append(Mark(at, at + size, meanings))
                at += size
                break
        else:
            at += 1
    return found


def _meanings(
    words: Sequence[Word], bases: list[str], at: int, size: int, tables: Tables
) -> tuple[Meaning, ...]:
    if size == 1:  # as it is written, if the tables have that: "slowing" and not "slow"
        written = tables.phrases.get((words[at].text,))
        return written or tables.phrases.get((bases[at],), ())
    return tables.phrases.get(tuple(bases[at : at + size]), ())


def clauses(words: Sequence[Word], marks: Sequence[Mark]) -> list[list[Mark]]:
    """The marks between stops and the words that begin a clause."""
    found: list[list[Mark]] = [[]]
    stops = [at for at, word in enumerate(words) if word.text in STOPS]
    place = 0
    for mark in marks:
        ended = False
        while place < len(stops) and stops[place] < mark.first:
            place, ended = place + 1, True
        if ended or mark.means(Kind.END):
            found.append([])
        if not mark.means(Kind.END):
            found[-1].append(mark)
    return found


def merged(clause: Sequence[Mark]) -> list[Mark]:
    """Quantities side by side are one, and the last says which: profit margin, share losses."""
    found: list[Mark] = []
    for mark in clause:
        before = found[-1] if found else None
        joins = before is not None and before.last == mark.first
        if joins and before and before.means(Kind.QUANTITY) and mark.means(Kind.QUANTITY):
            found[-1] = Mark(before.first, mark.last, mark.meanings)
        else:
            found.append(mark)
    return found
