"""From a stranger's text to sentences of words, in time that grows no faster than its length."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from tools.market_data.documents.cleaning import plain_text

LONGEST = 20_000
"""Characters of a text that are read."""
SENTENCES, WORDS = 200, 120
"""Most sentences of a text, and most words of a sentence; a longer one is cut in two."""
LONGEST_NUMBER = 30

# No pattern here can try the same character twice from one place, so none grows slow.
_WORD = re.compile(r"[^\W\d_]+(?:['’&-][^\W\d_]+)*|\d+(?:[.,]\d+)*|[%$€£¥🚀🔥📈📉💀]|[,;:?!()]")
# "$1.2 million" and "U.S. stocks" don't end a sentence, "up. Costs" does.
_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“‘(]?[A-Z\d])|\n+")
_SHORT = re.compile(r"(?:\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Inc|Corp|Co|Ltd|vs|No|St|Jr|Sr|approx|est))\.$")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Word:
    """``text`` in small letters, as the tables have it; ``shown`` as it was written."""

    text: str
    shown: str

    @property
    def number(self) -> float | None:
        """The value of figures, None of anything else."""
        digits = self.text
        if len(digits) > LONGEST_NUMBER or not _NUMBER.fullmatch(digits):
            return None
        if re.fullmatch(r"\d+,\d{1,2}", digits):  # 5,1 is five and a tenth; 5,100 is thousands
            digits = digits.replace(",", ".")
        return float(digits.replace(",", "")) if digits.count(".") <= 1 else None


def cleaned(text: str) -> str:
    """What a person would see of it, cut to LONGEST: no tags, no hidden signs."""
    seen = plain_text(text[: 2 * LONGEST])
    return unicodedata.normalize("NFKC", seen[:LONGEST])[:LONGEST]


def sentences(text: str) -> list[str]:
    """A cleaned text in sentences; one that ends on "Inc." goes on."""
    found: list[str] = []
    joined = ""
    for part in _END.split(text):
        joined = f"{joined} {part}".strip() if joined else part.strip()
        if joined and not _SHORT.search(joined[-12:]):
            found.append(joined)
            joined = ""
    return [*found, joined][:SENTENCES] if joined else found[:SENTENCES]


def words(sentence: str) -> list[Word]:
    """The words, figures and stops of a sentence, at most WORDS of them."""
    found: list[Word] = []
    for match in _WORD.finditer(sentence):
        shown = match.group()
        text = shown.lower().replace("’", "'")
        found.append(Word(text.removesuffix("'s").removesuffix("'"), shown))
        if len(found) == WORDS:
            break
    return found
