"""How fast a recording plays: where each of its rows stands on the scale that is played."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tools.domain.errors import InputError
from tools.market_data.columns import Floats, Times

LONGEST_GAP_S = 300.0
"""A night or a weekend plays as if it lasted so long."""

FASTEST = 100_000.0


@dataclass(frozen=True, slots=True)
class Pace:
    """``speed`` times the market's own, or ``steps`` times a second on to the next moment.

    ``steps`` is for daily bars: the moments are then sessions. An infinite speed is as fast as
    possible. Raises InputError for a pace that is not above zero.
    """

    speed: float = 1.0
    steps: bool = False

    def __post_init__(self) -> None:
        if not self.speed > 0 or (math.isfinite(self.speed) and self.speed > FASTEST):
            raise InputError(
                f"A replay's speed is above 0 and at most {FASTEST:,.0f}, or `fast` for as fast "
                f"as possible; it was {self.speed}."
            )

    def scale(self, known: Times) -> Floats:
        """Seconds of the recording (or sessions) from its first row to each."""
        apart = np.diff(known, prepend=known[0])
        if self.steps:
            return np.cumsum(apart > 0).astype(np.float64)
        return np.cumsum(np.minimum(apart / 1e9, LONGEST_GAP_S))

    def __str__(self) -> str:
        """For people: 60x, 2 sessions a second, as fast as possible."""
        if math.isinf(self.speed):
            return "as fast as possible"
        return f"{self.speed:g} sessions a second" if self.steps else f"{self.speed:g}x"


def pace_of(text: str, *, daily: bool) -> Pace:
    """``60``, ``60x`` or ``fast``; of daily bars the number is sessions a second."""
    plain = text.strip().lower().removesuffix("x")
    if plain == "fast":
        return Pace(math.inf, daily)
    try:
        speed = float(plain)
    except ValueError:
        speed = math.nan
    if not math.isfinite(speed):
        raise InputError(f"{text[:20]!r} is no speed: use a number such as 1, 60, 1000, or fast.")
    return Pace(speed, daily)
