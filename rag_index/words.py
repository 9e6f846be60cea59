"""Ranks texts by the words of a question: BM25 (Robertson and Zaragoza, 2009), held in memory."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

K1, B = 0.9, 0.4  # for passages: long ones are long because they say more
_WORD = re.compile(r"[a-z0-9]+")
_STOP = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be been but by can could did do does for from had has have how i if in "
        "into is it its me my no not of on or our should so such than that the their them then "
        "there these they this to was we were what when where which who why will with would you "
        "your",
    )
)


_FISCAL = re.compile(
    r"\b(?:(?:fy|fiscal(?:\s+years?)?(?:\s+ended)?)\s*(?P<whole>(?:19|20)\d\d)"
    r"|(?:fy\s?['’]?|fiscal(?:\s+year)?\s+['’]|fiscal\s+year\s+)(?P<short>\d\d)"
    r"(?!\s*-?\s*(?:weeks?|days?|months?)))\b",
    re.IGNORECASE,
)


def plain_years(text: str) -> str:
    """Write FY2019, FY19, FY'19, fiscal 2019 and fiscal year 19 as 2019, so that they match."""

    def year(found: re.Match[str]) -> str:
        whole, short = found["whole"], found["short"]
        return whole or ("20" if int(short) < 70 else "19") + short

    return _FISCAL.sub(year, text)


def stems(text: str) -> list[str]:
    """Give the words of a text in lower case, without stop words and common English endings."""
    return [_stem(word) for word in _WORD.findall(plain_years(text).lower()) if word not in _STOP]


def _stem(word: str) -> str:
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("s", "")):
        kept = len(word) - len(ending)
        if word.endswith(ending) and kept >= 3 and not word.endswith(("ss", "us", "is")):
            word = word[:kept] + instead
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
        return word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


class Words:
    """An inverted index over a fixed list of texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Count the words of each text."""
        counts = [Counter(stems(text)) for text in texts]
        self._size = len(texts)
        self._places: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, counted in enumerate(counts):
            for word, times in counted.items():
                self._places[word].append((number, times))
        lengths = np.array([counted.total() for counted in counts], np.float64)
        self._norm = K1 * (1 - B + B * lengths / max(1.0, float(lengths.mean() if counts else 0)))

    def scores(self, question: str) -> NDArray[np.float64]:
        """Give one BM25 score per text, 0 where no word of the question stands in it."""
        total = np.zeros(self._size)
        for word in set(stems(question)):
            places = self._places.get(word, ())
            rarity = math.log(1 + (self._size - len(places) + 0.5) / (len(places) + 0.5))
            for number, times in places:
                total[number] += rarity * times * (K1 + 1) / (times + self._norm[number])
        return total
