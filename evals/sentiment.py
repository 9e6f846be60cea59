"""How often a scorer of tone says what a reader said: sentences with labels, beside the majority.

The sentences are in ``sentences/``: those that the rules were tuned on, and those held out. The
project wrote all of them and the rules as well: what strangers write is harder.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.models.sentiment.scorer import Scorer, Tone

FOLDER = Path(__file__).with_name("sentences")
HELD_OUT, TUNING = "held_out", "tuning"
MARKS = {"+": Tone.POSITIVE, "-": Tone.NEGATIVE, "=": Tone.NEUTRAL}
LABELS = tuple(MARKS.values())


@dataclass(frozen=True, slots=True)
class Labelled:
    """One sentence, the style that it is written in, and its tone."""

    style: str
    tone: Tone
    sentence: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one set: fractions. ``low`` to ``high`` is Wilson's 95 % interval of the accuracy.

    ``majority`` is the accuracy of always saying the commonest label, ``majority_f1`` its macro F1;
    ``styles`` has count and accuracy of each style, ``unknown`` how often the scorer couldn't tell,
    which counts as wrong.
    """

    name: str
    count: int
    accuracy: float
    low: float
    high: float
    macro_f1: float
    majority: float
    majority_f1: float
    unknown: int
    styles: dict[str, tuple[int, float]]


def sentences(name: str) -> tuple[Labelled, ...]:
    """One of the sets, HELD_OUT or TUNING."""
    found, style = [], ""
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            style = line.strip("[]")
        elif line[:1] in MARKS and line[1:2] == " ":
            found.append(Labelled(style, MARKS[line[0]], line[2:]))
    return tuple(found)


def measure(name: str, rows: Sequence[Labelled], scorer: Scorer) -> Figures:
    """The figures of a scorer on labelled sentences, at least one."""
    told = [one.tone for one in scorer.sentences([row.sentence for row in rows])]
    truth = [row.tone for row in rows]
    right = [one is wanted for one, wanted in zip(told, truth, strict=True)]
    commonest = Counter(truth).most_common(1)[0][0]
    always = [commonest] * len(rows)
    share = sum(right) / len(rows)
    low, high = _wilson(share, len(rows))
    styles: dict[str, tuple[int, float]] = {}
    for style in dict.fromkeys(row.style for row in rows):
        of = [good for good, row in zip(right, rows, strict=True) if row.style == style]
        styles[style] = len(of), sum(of) / len(of)
    return Figures(
        name, len(rows), share, low, high, macro_f1(truth, told),
        truth.count(commonest) / len(rows), macro_f1(truth, always), told.count(Tone.UNKNOWN),
        styles,
    )  # fmt: skip


def macro_f1(truth: Sequence[Tone], told: Sequence[Tone]) -> float:
    """The mean over the three labels of 2 P R / (P + R); zero for a label never rightly told."""
    total = 0.0
    for label in LABELS:
        both = sum(a is label and b is label for a, b in zip(truth, told, strict=True))
        total += 2 * both / (truth.count(label) + told.count(label)) if both else 0.0
    return total / len(LABELS)


def _wilson(share: float, count: int, z: float = 1.96) -> tuple[float, float]:
    """E. B. Wilson (1927): the interval of a share that doesn't leave 0 to 1."""
    middle = share + z * z / (2 * count)
    around = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    whole = 1 + z * z / count
    return (middle - around) / whole, (middle + around) / whole
