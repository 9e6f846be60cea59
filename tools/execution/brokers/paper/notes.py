"""What the paper venue remembers of a symbol between two visits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tools.domain.making import quickly_made
from tools.execution.brokers.paper.stream import Tape
from tools.execution.codec import to_plain


@quickly_made
@dataclass(frozen=True, slots=True)
class Notes:
    """Moments are aware UTC, None before the first visit.

    ``cursor`` is the last moment whose events were met, ``acted`` the last whose splits and
    dividends were booked, ``counted`` the last bar or day that was counted for the borrowing fee.
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


def notes_from(body: dict[str, Any]) -> Notes:
    """The notes as ``to_plain`` wrote them; empty ones for an empty body."""
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
        _moment(body.get("seen")),  # neither is in older records
        body.get("pending", False),
    )


def notes_body(notes: Notes) -> dict[str, Any]:
    """The notes as the record keeps them."""
    return dict(to_plain(notes))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
