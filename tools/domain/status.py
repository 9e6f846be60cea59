"""Whether, and how, a listing can be traded right now."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Session(StrEnum):
    """What the exchange is doing; ``waiting`` is closed, with the next session to come."""

    OPEN = "open"
    EXTENDED = "extended"
    WAITING = "waiting"


class Borrow(StrEnum):
    """How easily shares can be borrowed to be sold short."""

    EASY = "easy"
    HARD = "hard"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Status:
    """What a feed knows of trading in one listing, at the moment it was asked.

    ``halted`` says that trading in it is paused, ``short_restricted`` that shorts must be above the
    bid. None where the feed can't tell.
    """

    halted: bool | None
    session: Session | None
    borrow: Borrow | None = None
    short_restricted: bool | None = None
