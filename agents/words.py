"""Numbers as people say them: "fifty", "two hundred", "a dozen", "half", "a quarter", "25 %"."""

from __future__ import annotations

import re
from decimal import Decimal

ONES = {
    word: n
    for n, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
TENS = {
    word: 10 * n
    for n, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2
    )
}
SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
NUMBER_WORD = "|".join([*ONES, *TENS, *SCALES, "dozen"])
SPOKEN = re.compile(
    rf"\b(?:a\s+)?(?:{NUMBER_WORD})(?:(?:[\s-]+|\s+and\s+)(?:{NUMBER_WORD}))*\b"
    r"(?!\s+(?:half|halves|thirds?|quarters?)\b)",
    re.IGNORECASE,
)
SCALED = re.compile(
    r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)\s+(hundred|thousand|million|dozen)\b", re.IGNORECASE
)
PORTIONS = (
    (r"\bhalf\b", Decimal("0.5")),
    (r"\b(?:a|one)\s+third\b", Decimal(1) / Decimal(3)),
    (r"\b(?:a|one)\s+quarter\b", Decimal("0.25")),
    (r"\b(?:all|everything|entire|whole)\b", Decimal(1)),
)


def digits_for_words(text: str) -> str:
    """``text`` with spoken numbers as digits: "two hundred shares" becomes "200 shares"."""
    scaled = SCALED.sub(lambda match: _scaled(match.group(1), match.group(2)), text)
    digits = SPOKEN.sub(lambda match: str(_value(match.group())), scaled)
    return re.sub(r"\b(?:minus|negative)\s+(?=\d)", "-", digits, flags=re.IGNORECASE)


def _scaled(digits: str, scale: str) -> str:
    by = 12 if scale.lower() == "dozen" else SCALES[scale.lower()]
    return format((Decimal(digits.replace(",", "")) * by).normalize(), "f")


def _value(spoken: str) -> int:
    total = current = 0
    for word in re.findall(r"[a-z]+", spoken.lower()):
        if word in ONES or word in TENS:
            current += ONES.get(word, 0) + TENS.get(word, 0)
        elif word == "dozen":
            current = max(current, 1) * 12
        elif word == "hundred":
            current = max(current, 1) * 100
        elif word in SCALES:
            total += max(current, 1) * SCALES[word]
            current = 0
    return total + current


def portion(text: str) -> Decimal | None:
    """The part of a holding that a word names, in (0, 1]; None when none does."""
    return next((p for words, p in PORTIONS if re.search(words, text, re.IGNORECASE)), None)
