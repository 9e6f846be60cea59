"""The body of an answer, read whole: in time, and no larger than an answer is."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable

from tools.market_data.feeds.resilience.failure import Unanswered

# More than this is no answer to a question of ours.
LARGEST = 64 * 2**20


def whole(
    name: str,
    parts: Iterable[bytes],
    seconds: float = math.inf,
    most: int = LARGEST,
    too_large: Unanswered | None = None,
) -> bytes:
    """All of ``parts``, of a source that drips as well.

    Raises Unanswered after so many seconds, and ``too_large`` above ``most`` bytes.
    """
    began, read, size = time.monotonic(), list[bytes](), 0
    for part in parts:
        read.append(part)
        size += len(part)
        if time.monotonic() - began > seconds:
            raise silent(name, seconds)
        if size > most:
            raise too_large or Unanswered(f"{name}'s answer is too large to be one.", again=False)
    return b"".join(read)


def silent(name: str, seconds: float) -> Unanswered:
    """The error of a source that takes too long."""
    return Unanswered(f"{name} did not answer within {seconds:g} seconds.")
