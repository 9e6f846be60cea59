"""Which hours make bars, and what bars below a day are counted from."""

from __future__ import annotations

from enum import StrEnum


class Hours(StrEnum):
    """Which trading makes bars; around the clock both are the same.

    ``extended`` adds New York's hours before and after the session. A bar below a day never mixes
    them with the session; a day's bar then holds all three.
    """

    REGULAR = "regular"
    EXTENDED = "extended"


class Align(StrEnum):
    """What bars below a day are counted from.

    ``session``: the opening, so that an hour of New York is 09:30 to 10:30 and all but the last bar
    are equally long (Yahoo and most charts). ``clock``: midnight of the exchange's own time, so
    that it is 10:00 to 11:00 and the first one, 09:30 to 10:00, is short (Alpaca, Polygon). Lengths
    that divide half an hour are the same in both. Round the clock both count from the day's turn:
    midnight UTC, or 17:00 in New York for the foreign exchange.
    """

    SESSION = "session"
    CLOCK = "clock"
