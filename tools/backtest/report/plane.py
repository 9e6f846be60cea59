"""Places and values to points of a drawing, with its grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tools.backtest.report.words import safe

STEPS = (1, 2, 5, 10)
SAME = 1e-9
ROOM = 8
LARGE = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True, slots=True)
class Size:
    """A drawing's size in its own units, what is left free around it, and how much it shows."""

    kind: str
    width: int
    height: int
    left: int
    points: int
    dates: int
    right: int = 12
    top: int = 12
    bottom: int = 26


# A page shows the one that fits: on a phone, a wide one would be too small to read.
SIZES = (Size("wide", 960, 260, 70, 800, 7), Size("narrow", 400, 240, 60, 300, 5))


class Plane:
    """``count`` places from left to right, values from ``low`` to ``high``; by ratio if ``log``."""

    def __init__(self, size: Size, count: int, low: float, high: float, *, log: bool) -> None:
        self.size, self.log = size, log
        least, most = (np.log10(low), np.log10(high)) if log else (low, high)
        # What differs by rounding alone is drawn as level.
        level = most - least <= SAME * max(abs(least), abs(most))
        gap = (abs(most) if level else most - least) * 0.04 or 1.0
        self._low, self._high = least - gap, most + gap
        self.step = (size.width - size.left - size.right) / max(count - 1, 1)
        self.count = count

    def x(self, place: float) -> float:
        """From the left."""
        return round(self.size.left + place * self.step, 1)

    def y(self, value: float) -> float:
        """From the top."""
        size = self.size
        at = np.log10(value) if self.log else value
        part = (at - self._low) / (self._high - self._low)
        return round(
            float(size.height - size.bottom - part * (size.height - size.top - size.bottom)), 1
        )

    def grid(self, form: str, *, whole: bool = False) -> str:
        """Lines at round values, with the values beside them; of ``whole`` numbers alone."""
        size, parts = self.size, []
        for value in self._round_values():
            if whole and not value.is_integer():
                continue
            y = self.y(value)
            kind = "zero" if value == 0 else "grid"
            parts.append(f'<path class="{kind}" d="M{size.left} {y}H{size.width - size.right}"/>')
            parts.append(text(size.left - 6, y + 4, short(form.format(value), value), "end"))
        return "".join(parts)

    def dates(self, labels: Sequence[str]) -> str:
        """Some labels under the drawing."""
        places = np.unique(np.linspace(0, len(labels) - 1, self.size.dates).astype(int))
        shown = places[1:-1] if len(places) > 2 else places[-1:]
        y = self.size.height - 8
        return "".join(text(self.x(p), y, labels[p], "middle") for p in shown)

    def _round_values(self) -> list[float]:
        """Four to ten values in between: 1, 2 or 5 times a power of ten, or so far apart."""
        if self.log:
            powers = range(int(np.floor(self._low)), int(np.ceil(self._high)) + 1)
            values = [times * 10.0**power for power in powers for times in STEPS[:3]]
            inside = [v for v in values if self._low <= np.log10(v) <= self._high]
            return inside[:: max(1, len(inside) // 8)]
        least = (self._high - self._low) / 10
        power = 10.0 ** np.floor(np.log10(least))
        step = next(power * times for times in STEPS if power * times >= least)
        first, last = np.ceil(self._low / step), np.floor(self._high / step)
        return [float(n * step) + 0.0 for n in np.arange(first, last + 1)]


def short(words: str, value: float) -> str:
    """``words``, or the value in thousands, millions or more where these take too much room."""
    if len(words) <= ROOM:
        return words
    for size, name in LARGE:
        if abs(value) >= size:
            return f"{value / size:g}{name}"
    return f"{value:.2g}"


def text(x: float, y: float, words: str, anchor: str) -> str:
    """Words in a drawing, escaped."""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{safe(words)}</text>'
