"""What a language model wrote, with every figure struck out that no tool and no person gave.

Told apart by the characters themselves: any run that holds a numeric character of any script is a
figure, and so is a number word of size. A short closed list names things that are no figures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.rendering import REFERENCE, WITHHELD, own
from agents.spans import RUN, bare, numeric
from agents.state import Call
from agents.words import SPOKEN, digits_for_words

NAMES = re.compile(
    r"(?:RSI|ATR|ADX)\(14\)|ROC\(20\)|MACD\(12,26,9\)|(?:14|20|50|200)-day", re.IGNORECASE
)
RULE = re.compile(r"\b(?:2 %|2%|two per ?cent|two-per-?cent) rule\b", re.IGNORECASE)
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


def said_in(question: str) -> frozenset[str]:
    """The person's own words, whose numbers a model may repeat."""
    return frozenset(bare(run) for run in RUN.findall(question))


def sourced(match: re.Match[str], calls: Sequence[Call]) -> bool:
    """Whether a figure's reference leads to what a tool said itself, not to a document's text."""
    source, path = match.group(1).strip(), match.group(2).strip()
    named = any(c["id"] == source and c["ok"] and own(c, path) for c in calls)
    return named and path.split(".")[0] not in ECHOED


def withhold(raw: str, question: str, calls: Sequence[Call]) -> str:
    """``raw`` with unsourced figures replaced; references that point at a tool's own word stay."""
    said = said_in(question)
    parts: list[str] = []
    end = 0
    for match in REFERENCE.finditer(raw):
        cited = match.group(1).strip() == "cite"
        parts.append(struck(raw[end : match.start()], said))
        parts.append(match.group() if cited or sourced(match, calls) else WITHHELD)
        end = match.end()
    parts.append(struck(raw[end:], said))
    return "".join(parts)


def struck(text: str, said: frozenset[str]) -> str:
    """Plain text with its figures withheld, those in ``said`` and the names left alone."""
    kept: list[str] = []
    end = 0
    for rule in RULE.finditer(text):
        kept += [_words_struck(text[end : rule.start()], said), rule.group()]
        end = rule.end()
    kept.append(_words_struck(text[end:], said))
    # What looks like a reference and is none must not become one later.
    return "".join(kept).replace("[[", "[").replace("]]", "]")


def _words_struck(text: str, said: frozenset[str]) -> str:
    def spoken(match: re.Match[str]) -> str:
        value = digits_for_words(match.group())
        fine = not value.isdigit() or int(value) < SMALLEST_WORD or bare(match.group()) in said
        return match.group() if fine else WITHHELD

    return RUN.sub(lambda match: _run(match.group(), said), SPOKEN.sub(spoken, text))


def _run(run: str, said: frozenset[str]) -> str:
    if not numeric(run) or bare(run) in said or NAMES.fullmatch(run.strip("*_`.,;:!?")):
        return run
    return WITHHELD
