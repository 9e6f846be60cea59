"""The tables of words, ready to be looked up: phrases of base forms, and what each is."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from pathlib import Path
from typing import Any

SIGNS = {"up": 1, "down": -1}
_FILE = Path(__file__).with_name("tables.toml")


class Kind(Enum):
    """What a word or phrase does in a sentence."""

    QUANTITY = auto()
    MOVE = auto()  # a verb that something does: profit rose
    MOVE_OF = auto()  # a verb that somebody does to something: raises the dividend
    MOVE_LIKE = auto()  # what something is like: higher costs
    MOVE_TROUBLE = auto()  # a verb of which only trouble can be the subject or object: suit settled
    TONE = auto()
    OVER = auto()
    BAR = auto()  # what something is measured against: estimates
    TURNS_NEXT = auto()
    TURNS_LAST = auto()
    PERHAPS = auto()
    LIKELY = auto()
    END = auto()
    COMPARE = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Meaning:
    """``sign`` is +1 for up or good, ``alone`` what it counts for where nothing stands beside."""

    kind: Kind
    sign: int = 0
    alone: float = 0.0


@dataclass(frozen=True, slots=True)
class Tables:
    """``phrases`` by their words in base form, the meanings in the order of what goes first."""

    phrases: dict[tuple[str, ...], tuple[Meaning, ...]]
    longest: int
    irregular: dict[str, str]
    known: frozenset[str]
    english: frozenset[str]
    money: frozenset[str]
    shares: frozenset[str]
    scales: dict[str, float]

    def base(self, word: str) -> str:
        """The form under which the tables have a word; the word itself where they don't."""
        return _base(self.irregular.get(word, word), self.known)


def _base(word: str, known: AbstractSet[str]) -> str:
    return next((one for one in (word, *_bases(word)) if one in known), word)


def _bases(word: str) -> list[str]:
    """What an English word may be a form of, the likeliest first."""
    found: list[str] = []
    for ending in ("s", "es", "ed", "d", "ing"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            stem = word.removesuffix(ending)
            found += [stem, stem + "e"]
            if stem.endswith("i"):
                found.append(stem[:-1] + "y")
            if len(stem) > 2 and stem[-1] == stem[-2]:
                found.append(stem[:-1])
    return found


@lru_cache(maxsize=1)
def tables() -> Tables:
    """As the file beside this one has them."""
    raw = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    quantities, turns = raw["quantities"], raw["turns"]
    rows = [
        (quantities["good"], Meaning(Kind.QUANTITY, 1)),
        (quantities["bad"], Meaning(Kind.QUANTITY, -1)),
        (quantities["trouble"], Meaning(Kind.QUANTITY, -1, -1.0)),
        *_moves(raw["movements"]),
        (raw["tones"]["plus"], Meaning(Kind.TONE, 1, 1.0)),
        (raw["tones"]["minus"], Meaning(Kind.TONE, -1, -1.0)),
        (raw["expectations"]["over"], Meaning(Kind.OVER, 1)),
        (raw["expectations"]["under"], Meaning(Kind.OVER, -1)),
        (raw["expectations"]["bar"], Meaning(Kind.BAR)),
        (turns["before"], Meaning(Kind.TURNS_NEXT)),
        (turns["after"], Meaning(Kind.TURNS_LAST)),
        (turns["perhaps"], Meaning(Kind.PERHAPS)),
        (turns["likely"], Meaning(Kind.LIKELY)),
        (raw["clauses"]["ends"], Meaning(Kind.END)),
        (raw["clauses"]["compare"], Meaning(Kind.COMPARE)),
        (raw["nothing"]["words"], Meaning(Kind.NOTHING)),
    ]
    entries = [
        (tuple(phrase.split()), meaning)
        for written, meaning in rows
        for phrase in written.replace("\n", " ").split(",")
    ]
    # In a phrase, too, a word stands under its base form: "open market" and "open".
    single = {key[0] for key, _ in entries if len(key) == 1}
    phrases: dict[tuple[str, ...], tuple[Meaning, ...]] = {}
    for written, meaning in entries:
        key = tuple(_base(word, single) for word in written) if len(written) > 1 else written
        phrases[key] = (*phrases.get(key, ()), meaning)
    irregular = {form: base for base, forms in raw["irregular"].items() for form in forms.split()}
    return Tables(
        phrases,
        max(len(key) for key in phrases),
        irregular,
        frozenset(word for key in phrases for word in key),
        frozenset(raw["english"]["words"].split()),
        frozenset(raw["currencies"]["signs"].split()),
        frozenset(raw["currencies"]["shares"].split()),
        dict(raw["currencies"]["scales"]),
    )


def _moves(written: dict[str, Any]) -> list[tuple[str, Meaning]]:
    kinds = {"": Kind.MOVE, "trouble": Kind.MOVE_TROUBLE, "like": Kind.MOVE_LIKE} | dict.fromkeys(
        ("strong", "weak"), Kind.MOVE_LIKE
    )
    found = []
    for name, row in written.items():
        way, _, tail = name.partition("_")
        meaning = Meaning(kinds.get(tail, Kind.MOVE_OF), SIGNS[way], float(row["alone"]))
        found.append((row["words"], meaning))
    return found


@lru_cache(maxsize=1)
def version() -> str:
    """Eight hexadecimal digits, of the tables and of every file beside them."""
    made = hashlib.sha256()
    for path in sorted((*_FILE.parent.glob("*.py"), _FILE)):
        made.update(path.read_bytes())
    return made.hexdigest()[:8]
