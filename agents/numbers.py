"""The numbers of a sentence, each taken once: what no pattern takes is told, never guessed at.

A plain number is replaced by a mark such as ``‹0›`` before any pattern looks, so that no pattern
can match half of one ("12" of "12.5 %").
"""

from __future__ import annotations

import re

CHUNK = re.compile(r"(?<![\w.])[-+]?\$?\s?\d[\w.,:%/+-]*(?:\s*(?:%|percent\b|per cent\b))?")
PLAIN = re.compile(r"[-+]?\$?\s?\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][-+]?\d+)?|[-+]?\$?\s?\d[\d_]*")
PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|percent|per cent)")
MARK = r"‹(\d+)›"

# Numbers that name a thing or a time and are no part of an order.
ASIDE = re.compile(
    r"\b2\s?% rule|\b\d+[- ](?:day|week|month|year|session|bar)s?\b"
    r"|\b(?:in|since|from|of|until)\s+(?:19|20)\d\d\b"
    r"|\b(?:RSI|ADX|MACD)\s*(?:is|of|at|above|below|over|under|near)?\s*\d+(?:\.\d+)?\b",
    re.IGNORECASE,
)


class Numbers:
    """A sentence with its numbers marked."""

    def __init__(self, sentence: str) -> None:
        """Mark every plain number; whatever else begins with a digit is odd."""
        self.values: list[str] = []
        self.odd: list[str] = []
        self._taken: set[int] = set()
        self.text = CHUNK.sub(self._mark, ASIDE.sub(" ", sentence))

    def _mark(self, match: re.Match[str]) -> str:
        whole = match.group()
        bare = whole.rstrip(".,:+-/ ")
        tail = whole[len(bare) :]
        if not PLAIN.fullmatch(bare):
            self.odd.append(bare)
            return f"‹odd {len(self.odd) - 1}›{tail}"
        self.values.append(bare)
        return f"‹{len(self.values) - 1}›{tail}"

    def take(self, pattern: str) -> str | None:
        """The number at the pattern's first mark, now taken; None when the pattern isn't there."""
        for match in re.finditer(pattern, self.text, re.IGNORECASE):
            index = int(next(group for group in match.groups() if group is not None))
            if index not in self._taken:
                self._taken.add(index)
                return re.sub(r"[,_\s]", "", self.values[index]).removeprefix("+")
        return None

    def take_percent(self, pattern: str) -> str | None:
        """The percentage at the pattern's odd mark, without its sign, now taken."""
        match = re.search(pattern.replace("PERCENT", r"‹odd (\d+)›"), self.text, re.IGNORECASE)
        share = PERCENT.fullmatch(self.odd[int(match.group(1))]) if match else None
        if match is None or share is None:
            return None
        self.odd[int(match.group(1))] = ""
        return share.group(1)

    def left(self) -> list[str]:
        """The numbers that nothing has taken."""
        plain = [v for i, v in enumerate(self.values) if i not in self._taken]
        return plain + [odd for odd in self.odd if odd]

    def cut(self, pattern: str, marks: int) -> tuple[str | None, ...]:
        """The numbers at the marks of the pattern's first match, whose words are cut out.

        ``marks`` is how many there are in the pattern; None for each that is not there.
        """
        match = re.search(pattern, self.text, re.IGNORECASE)
        if match is None:
            return (None,) * marks
        self.text = f"{self.text[: match.start()]} {self.text[match.end() :]}"
        return tuple(None if index is None else self._at(int(index)) for index in match.groups())

    def cut_percent(self, before: str) -> str | None:
        """The percentage after the words ``before``, without its sign; all of it is cut out."""
        match = re.search(before + r"‹odd (\d+)›", self.text, re.IGNORECASE)
        share = PERCENT.fullmatch(self.odd[int(match.group(1))]) if match else None
        if match is None or share is None:
            return None
        self.odd[int(match.group(1))] = ""
        self.text = f"{self.text[: match.start()]} {self.text[match.end() :]}"
        return share.group(1)

    def cut_words(self, pattern: str) -> bool:
        """Whether the words are there; they are cut out."""
        self.text, found = re.subn(pattern, " ", self.text, flags=re.IGNORECASE)
        return found > 0

    def _at(self, index: int) -> str:
        self._taken.add(index)
        return re.sub(r"[,_\s$]", "", self.values[index]).removeprefix("+")
