"""What a language model wrote, with every figure struck out that no tool and no person gave.

Told apart by the characters themselves: any run that holds a numeric character of any script is a
figure, and so is a number word of size. A short closed list names things that are no figures.
"""

from __future__ import annotations

import re
import unicodedata

from agents.rendering import REFERENCE, WITHHELD
from agents.state import Call
from agents.words import SPOKEN, digits_for_words

RUN = re.compile(r"\S+")
NAMES = re.compile(
    r"(?:RSI|ATR|ADX)\(14\)|ROC\(20\)|MACD\(12,26,9\)|(?:14|20|50|200)-day", re.IGNORECASE
)
RULE = re.compile(r"\b(?:2 %|2%|two per ?cent|two-per-?cent) rule\b", re.IGNORECASE)
EDGE = "\"'“”‘’*_`.,;:!?()[]{}"
SMALLEST_WORD = 13
"""Number words below it ("one of", "two reasons") count things and are let stand."""

ECHOED = frozenset(
    {
        "query",
        "quantity",
        "limit_price",
        "stop_price",
        "trail_price",
        "trail_fraction",
        "take_profit",
        "stop_loss",
        "stop_loss_limit",
        "rationale",
        "session",
        "intent_id",
        "names",
    }
)
"""Result fields that only repeat what the caller sent: no figure of a tool's own."""


def withhold(raw: str, question: str, calls: list[Call]) -> str:
    """``raw`` with unsourced figures replaced; references that point at a tool's own word stay."""
    said = {_bare(run) for run in RUN.findall(question)}
    parts: list[str] = []
    end = 0
    for match in REFERENCE.finditer(raw):
        parts.append(_struck(raw[end : match.start()], said))
        parts.append(match.group() if _sourced(match, calls) else WITHHELD)
        end = match.end()
    parts.append(_struck(raw[end:], said))
    return "".join(parts)


def _sourced(match: re.Match[str], calls: list[Call]) -> bool:
    source, path = match.group(1).strip(), match.group(2).strip()
    if source == "cite":
        return True
    return any(c["id"] == source and c["ok"] for c in calls) and path.split(".")[0] not in ECHOED


def _struck(text: str, said: set[str]) -> str:
    kept: list[str] = []
    end = 0
    for rule in RULE.finditer(text):
        kept += [_words_struck(text[end : rule.start()], said), rule.group()]
        end = rule.end()
    kept.append(_words_struck(text[end:], said))
    # What looks like a reference and is none must not become one later.
    return "".join(kept).replace("[[", "[").replace("]]", "]")


def _words_struck(text: str, said: set[str]) -> str:
    def spoken(match: re.Match[str]) -> str:
        value = digits_for_words(match.group())
        fine = not value.isdigit() or int(value) < SMALLEST_WORD or _bare(match.group()) in said
        return match.group() if fine else WITHHELD

    return RUN.sub(lambda match: _run(match.group(), said), SPOKEN.sub(spoken, text))


def _run(run: str, said: set[str]) -> str:
    bare = _bare(run)
    numeric = any(unicodedata.category(c).startswith("N") for c in run)
    if not numeric or bare in said or NAMES.fullmatch(run.strip("*_`.,;:!?")):
        return run
    return WITHHELD


def _bare(run: str) -> str:
    return run.strip(EDGE)
