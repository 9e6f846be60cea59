"""Reads from a question which companies and years it is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rag_index.rows import Facets
from rag_index.words import plain_years

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_PARTS = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"['’]s\b")
# What a register adds to a name and a person leaves out.
_LEGAL = frozenset(
    "inc incorporated corp corporation co company companies ltd limited plc llc lp llp sa nv ag se "
    "ab asa oyj spa group holding holdings the and of com de new class trust".split()
)
# First words that many companies share, or that a sentence may begin with.
_SHARED = frozenset(
    "advanced american applied bank best block british canadian capital central china dollar "
    "eastern energy federal financial first foot gap general global great home international key "
    "live national north northern old pacific public republic royal south southern southwest "
    "standard state target texas union united us visa waste western world".split()
)
_MOST_YEARS = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """The companies (as the index names them) and the years that a question names."""

    companies: tuple[str, ...]
    years: tuple[int, ...]


def read_question(question: str, facets: Facets) -> Asked:
    """Find the companies of `facets` that the question names, and its years.

    A company counts by its name without "Inc." and the like, by its first word where no other
    company begins with it, or by its ticker in capitals.
    """
    years = tuple(dict.fromkeys(int(year) for year in _YEAR.findall(plain_years(question))))
    plain = _POSSESSIVE.sub("", question)
    words = _PARTS.findall(plain)
    said = f" {' '.join(words).lower()} "
    capitals = any(word[0].isupper() for word in words[1:])
    firsts = Counter(name[0] for name in {_core(company) for company, _ in facets.companies})
    found: dict[str, int] = {}
    for company, ticker in facets.companies:
        core = _core(company)
        length = _named(core, said, words, capitals, firsts)
        if not length and len(ticker) > 1 and ticker in words:
            length = 1
        if length:
            found[company] = max(found.get(company, 0), length)
    kept = tuple(sorted(name for name in found if not _inside(name, found)))
    return Asked(kept, years[:_MOST_YEARS])


def _core(company: str) -> tuple[str, ...]:
    words = [word.lower() for word in _PARTS.findall(_POSSESSIVE.sub("", company))]
    kept = [word for word in words if word not in _LEGAL]
    return tuple(kept or words or [""])


def _named(
    core: tuple[str, ...], said: str, words: Sequence[str], capitals: bool, firsts: Counter[str]
) -> int:
    """Give how many words of the name the question says, 0 if it does not name the company."""
    if len(core) > 1 and f" {' '.join(core)} " in said:
        return len(core)
    first = core[0]
    alone = len(core) == 1 or (firsts[first] == 1 and len(first) > 3 and first not in _SHARED)
    if not alone or f" {first} " not in said:
        return 0
    # A name that is a word ("Block") must look like a name, where the question uses capitals.
    looks = any(word.lower() == first and not word.islower() for word in words)
    return 1 if looks or not capitals else 0


def _inside(name: str, found: dict[str, int]) -> bool:
    """Say whether the name is only part of a longer one that the question names."""
    mine = f" {' '.join(_core(name))} "
    return any(
        len(_core(other)) > len(_core(name)) and mine in f" {' '.join(_core(other))} "
        for other, length in found.items()
        if other != name and length == len(_core(other))
    )
