"""The scorer that is always there: what moved which way, by rules that can be read."""

from __future__ import annotations

from collections.abc import Sequence

from tools.models.sentiment import tables as written
from tools.models.sentiment.clauses import Finding, found_in, quantity_left
from tools.models.sentiment.comparing import compared
from tools.models.sentiment.marking import Mark, clauses, marked
from tools.models.sentiment.reading import Word, cleaned, sentences, words
from tools.models.sentiment.scorer import UNREAD, Because, Scored, tone_of

LEAST = 0.2
"""Nearer to zero a score is neutral."""
QUESTION = 0.2
TITLE = 3.0
"""Sentences that a title counts for."""
REASONS = 5
LATIN = "\u0250"
"""Letters below are of the Latin script."""
FOREIGN = 5
"""So many words without one that is known are no English."""


class Rules:
    """Direction of good and bad quantities, figures compared, events; English only."""

    name = "rules"

    @property
    def version(self) -> str:
        """Of the tables and the code."""
        return written.version()

    def sentences(self, sentences: Sequence[str]) -> tuple[Scored, ...]:
        """One for each: of several sentences in one, what they say together."""
        return tuple(self._short(one) for one in sentences)

    def text(self, title: str, text: str) -> Scored:
        """The mean of the sentences that say something, the title for three of them.

        A text of which most says nothing is as good or bad as the rest of it says.
        """
        rows = [(TITLE, self._short(title))]
        rows += [(1.0, _scored([one])) for one in sentences(cleaned(text))]
        read = [(weight, one) for weight, one in rows if one is not UNREAD]
        if not read:
            return UNREAD
        telling = [(weight, one) for weight, one in read if one.because]
        whole = sum(weight for weight, _ in telling)
        score = sum(weight * one.score for weight, one in telling) / whole if whole else 0.0
        because = tuple(reason for _, one in telling for reason in one.because)[:REASONS]
        return Scored(tone_of(score, LEAST), score, because)

    def _short(self, text: str) -> Scored:
        return _scored(sentences(cleaned(text)))


def _scored(parts: Sequence[str]) -> Scored:
    """What sentences say together; the same words said again count once."""
    total, because, read = 0.0, [], False
    said: set[str] = set()
    for sentence in parts:
        found = words(sentence)
        read |= _english(found)
        factor = QUESTION if sentence.rstrip().endswith("?") else 1.0
        for one in _findings(found):
            shown = _shown(found, one)
            if shown.lower() in said:
                continue
            said.add(shown.lower())
            total += factor * one.value
            because.append(Because(shown, round(factor * one.value, 2)))
    if not read:
        return UNREAD
    score = total / (1 + abs(total))
    because.sort(key=lambda one: -abs(one.value))
    return Scored(tone_of(score, LEAST), score, tuple(because[:REASONS]))


def _findings(found: list[Word]) -> list[Finding]:
    tables = written.tables()
    marks = marked(found, tables)
    told: list[Finding] = []
    carried: Mark | None = None
    for clause in clauses(found, marks):
        told += found_in(clause, found, carried)
        carried = quantity_left(clause, carried)
    pair = compared(found, marks, tables)
    if pair is not None:  # a loss that was before is no loss
        told = [one for one in told if not pair.then <= one.first < pair.last]
        told.append(Finding(pair.value, pair.first, pair.last))
    return [one for one in told if one.value]


def _english(found: list[Word]) -> bool:
    """Whether these are words that the rules can say anything of; few names may be of anywhere."""
    tables = written.tables()
    plain = [word.text for word in found if "a" <= word.text[0] < LATIN and word.text[0].isalpha()]
    known = any(
        word in tables.english or word in tables.known or tables.base(word) in tables.known
        for word in plain
    )
    signs = any((word.text,) in tables.phrases for word in found)
    return bool(plain or signs) and (known or signs or len(plain) < FOREIGN)


def _shown(found: list[Word], one: Finding) -> str:
    return " ".join(word.shown for word in found[one.first : one.last])
