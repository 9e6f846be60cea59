"""Company names as people write them: without legal words, misspelt, with other signs."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby

_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"['’`](?:s\b|(?=\W|$))", re.IGNORECASE)
_INSIDE = re.compile(r"(?<=\w)['’`](?=\w)")
# What a register adds to a name and a person leaves out, or joins its words with.
_LEGAL = frozenset(
    "inc incorporated corp corporation co company companies ltd limited plc llc lp llp sa nv ag se "
    "ab asa oyj spa group holding holdings the and of com de new class trust".split()
)
_LONG_ENOUGH = 5  # letters of a word that may be misspelt by one
_LONG = 9  # by two


def words_of(text: str) -> list[str]:
    """Give the words without accents and possessives; initials ("J. M.", "P&G") are one word."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    found = _WORD.findall(_INSIDE.sub("", _POSSESSIVE.sub("", plain)))
    runs = groupby(found, key=lambda word: len(word) == 1 and word.isalpha())
    parts = [(initials, list(run)) for initials, run in runs]
    return [word for initials, run in parts for word in (["".join(run)] if initials else run)]


def without_legal(words: list[str]) -> list[str]:
    """Give the words in lower case, without "Inc.", "of" and the like."""
    return [word.lower() for word in words if word.lower() not in _LEGAL]


@lru_cache(maxsize=20_000)
def core(company: str) -> tuple[str, ...]:
    """Give the words by which people call a company."""
    words = words_of(company)
    return tuple(without_legal(words) or [word.lower() for word in words] or [""])


def is_close(said: str, name: str) -> bool:
    """Say whether a word is a name's with one letter wrong, missing, added or two changed round.

    In a word of nine letters or more, two such faults.
    """
    if min(len(said), len(name)) < _LONG_ENOUGH or not (said.isalpha() and name.isalpha()):
        return False
    most = 2 if len(name) >= _LONG else 1
    if abs(len(said) - len(name)) > most or not {said[0], said[-1]} & {name[0], name[-1]}:
        return False
    if said != f"{name}s" and (said.startswith(name) or name.startswith(said)):
        return False  # "micro" is no slip of "micron"
    return _faults(said, name) <= most


def _faults(one: str, other: str) -> int:
    """Optimal string alignment: the distance of Damerau (1964) without edits over edits."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, sign in enumerate(one, 1):
        now = [row]
        for column, its in enumerate(other, 1):
            best = min(last[column] + 1, now[-1] + 1, last[column - 1] + (sign != its))
            if row > 1 and column > 1 and sign == other[column - 2] and one[row - 2] == its:
                best = min(best, before[column - 2] + 1)
            now.append(best)
        before, last = last, now
    return last[-1]
