"""Three states of trading that everyone understands; the strictest of many hands wins."""

from __future__ import annotations

from enum import IntEnum
from typing import cast


class Mode(IntEnum):
    """Permission to trade; the smaller, the stricter."""

    HALTED = 0
    REDUCE_ONLY = 1
    ACTIVE = 2

    def __and__(self, other: int) -> Mode:
        """The stricter of the two; anything that is not a Mode counts as HALTED."""
        return strictest(self, other if isinstance(other, Mode) else None)

    __rand__ = __and__


def strictest(*modes: Mode | None) -> Mode:
    """The strictest of all; None, an unknown value, or nobody answering at all is HALTED."""
    if set(map(type, modes)) != {Mode}:
        return Mode.HALTED
    return min(cast("tuple[Mode, ...]", modes))
