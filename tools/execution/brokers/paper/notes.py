"""What the paper venue remembers of a symbol between two visits."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from tools.domain.making import quickly_made
from tools.execution.brokers.paper.stream import Tape


@quickly_made
@dataclass(frozen=True, slots=True)
class Notes:
    """Moments are aware UTC, None before the first visit.

    ``cursor`` is the last moment whose events were met, ``acted`` the last whose splits and
    dividends were booked, ``heard`` the names of those of the weeks before it (None where an older
    record doesn't say), ``counted`` the last bar or day that was counted for the borrowing fee.
    ``last`` is the last price, of the day ``day``; ``owed`` the last day that a fee was booked for
    in a row. Of whole sessions, every open order has met all bars up to the open ``seen``, unless
    ``pending`` says that one may still have something to meet.
    """

    tape: Tape = field(default_factory=Tape)
    cursor: datetime | None = None
    acted: datetime | None = None
    counted: datetime | None = None
    last: Decimal | None = None
    day: date | None = None
    owed: date | None = None
    seen: datetime | None = None
    pending: bool = False
    heard: tuple[str, ...] | None = None


# A symbol that nothing happened to has the text that was read last.
@lru_cache(maxsize=1024)
def notes_of(text: str) -> Notes:
    """The notes from the JSON of what ``to_plain`` makes of them; empty ones of an empty object."""
    body = json.loads(text)
    if not body:
        return Notes()
    tape = body["tape"]
    return Notes(
        Tape(
            Decimal(tape["bid"]),
            Decimal(tape["ask"]),
            Decimal(tape["bid_taken"]),
            Decimal(tape["ask_taken"]),
            _moment(tape["made_at"]),
        ),
        _moment(body["cursor"]),
        _moment(body["acted"]),
        _moment(body["counted"]),
        None if body["last"] is None else Decimal(body["last"]),
        _day(body["day"]),
        _day(body["owed"]),
        _moment(body.get("seen")),  # nor are these in older records
        body.get("pending", False),
        None if body.get("heard") is None else tuple(body["heard"]),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
