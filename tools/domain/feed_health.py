"""How a source of market data is doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CircuitState(StrEnum):
    """``closed`` is asked, ``open`` is left alone, ``half-open`` is tried with one question."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """One feed as it stands; moments are aware UTC, None for what has not happened.

    ``failures`` are those in a row, ``error`` the last one's sentence. ``retry_at`` is when an open
    one may be asked again. ``newest`` is the latest moment that its data spoke of.
    """

    name: str
    state: CircuitState
    failures: int = 0
    error: str = ""
    failed_at: datetime | None = None
    answered_at: datetime | None = None
    retry_at: datetime | None = None
    newest: datetime | None = None
