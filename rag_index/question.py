"""Reads from a question which companies and years it is about."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from rag_index.names import core, is_close, without_legal, words_of
from rag_index.rows import Facets
from rag_index.words import plain_years

_YEAR = re.compile(r"\b((?:19|20)\d\d)(?:\s?[-–/]\s?(\d\d)\b(?![-–/\d]))?")
# First words that many companies share, or that a sentence may begin with.
_SHARED = frozenset(
    "advanced american applied bank best block british canadian capital central china dollar "
    "eastern energy federal financial first foot gap general global great home international key "
    "live national north northern old pacific public republic royal south southern southwest "
    "standard state states target texas union united us visa waste western world".split()
)
_MOST_YEARS = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """The companies (as the index names them) and the years that a question names."""

    companies: tuple[str, ...]
    years: tuple[int, ...]


def read_question(question: str, facets: Facets) -> Asked:
    """Find the companies of `facets` that the question names, and its years.

    A company counts by its name without "Inc." and the like, by its first word or two where no
    other company begins with them, or by its ticker in capitals; where none counts, by a name that
    is almost so.
    """
    years = tuple(dict.fromkeys(_years(plain_years(question))))[:_MOST_YEARS]
    said = _Said(question)
    found: dict[str, int] = {}
    starts = _starts(facets)
    for company, ticker in facets.companies:
        length = _named(core(company), said, starts) or _by_ticker(ticker, said)
        if length:
            found[company] = max(found.get(company, 0), length)
    kept = [name for name in found if not _inside(name, found)] or _misspelt(said, facets)
    # News knows a company by its symbol alone: two names with one symbol are one company.
    tickers = {ticker for company, ticker in facets.companies if ticker and company in kept}
    alike = {company for company, ticker in facets.companies if ticker in tickers}
    return Asked(tuple(sorted({*kept, *alike})), years)


class _Said:
    """The words of a question."""

    def __init__(self, question: str) -> None:
        self.words = words_of(question)
        self.plain = without_legal(self.words)
        self.text = f" {' '.join(self.plain)} "
        self.exact = f" {' '.join(self.words)} "
        self.priced = {word.upper() for word in re.findall(r"\$([A-Za-z]{1,5})\b", question)}
        # Where a question uses capitals, a name that is also a word ("Block") must have one.
        self.capitals = any(word[0].isupper() for word in self.words[1:])
        self.named = {word.lower() for word in self.words if not word.islower()}

    def looks_named(self, word: str) -> bool:
        if word in _SHARED and not self.capitals:
            return False
        return word in self.named or not self.capitals


def _years(text: str) -> list[int]:
    """Give the years of a text, both of "2018/19"; in "2018-03" the second is a month."""
    years: list[int] = []
    for found in _YEAR.finditer(text):
        first = int(found[1])
        years.append(first)
        if found[2] and int(found[2]) == (first + 1) % 100:
            years.append(first + 1)
    return years


@lru_cache(maxsize=4)
def _starts(facets: Facets) -> Counter[tuple[str, ...]]:
    """Count the companies that begin with each word, and with each two words."""
    names = {core(company) for company, _ in facets.companies}
    return Counter(name[:many] for name in names for many in (1, 2) if len(name) >= many)


def _named(name: tuple[str, ...], said: _Said, starts: Counter[tuple[str, ...]]) -> int:
    """Give how many words of the name the question says, 0 if it does not name the company."""
    if len(name) > 1 and f" {' '.join(name)} " in said.text:
        return len(name)
    first = name[0]
    if f" {first} " not in said.text:
        return 0
    two = name[:2]
    rare = len(name) > 2 and starts[two] == 1 and not _SHARED.issuperset(two)
    if rare and f" {' '.join(two)} " in said.text and said.looks_named(two[1]):
        return 2
    alone = len(name) == 1 or (starts[name[:1]] == 1 and len(first) > 3 and first not in _SHARED)
    return 1 if alone and said.looks_named(first) else 0


def _by_ticker(ticker: str, said: _Said) -> int:
    spelled = " ".join(words_of(ticker))
    return int((len(spelled) > 1 and f" {spelled} " in said.exact) or ticker in said.priced)


def _misspelt(said: _Said, facets: Facets) -> list[str]:
    """Give the companies whose name is almost said; a name that is only a word must look like one.

    Only where no other company is as near: a wrong company is worse than none.
    """
    close: list[str] = []
    starts = _starts(facets)
    for company, _ in facets.companies:
        name = core(company)
        for place, word in enumerate(said.plain):
            some = said.plain[place : place + len(name)]
            pairs = list(zip(some, name, strict=False))
            whole = len(some) == len(name) > 1 and any(a == b for a, b in pairs)
            alike = all(a == b or is_close(a, b) for a, b in pairs)
            alone = starts[name[:1]] == 1 and name[0] not in _SHARED and word in said.named
            if (whole and alike) or (alone and is_close(word, name[0])):
                close.append(company)
                break
    return close if len(close) == 1 else []


def _inside(name: str, found: dict[str, int]) -> bool:
    """Say whether the name is only part of a longer one that the question names."""
    mine = f" {' '.join(core(name))} "
    return any(
        len(core(other)) > len(core(name)) and mine in f" {' '.join(core(other))} "
        for other, length in found.items()
        if other != name and length == len(core(other))
    )
