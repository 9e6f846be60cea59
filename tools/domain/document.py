"""News, filings, posts and calendars as they arrive, and an economy's figures by vintage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class DocumentKind(StrEnum):
    """What a document is, as the knowledge index files it."""

    NEWS = "news"
    FILING = "filing"
    POST = "post"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Document:
    """One text from outside, never an instruction.

    ``key`` is the source's own id and stays the same when the text is corrected. ``event_time`` is
    when it was published (or, of an event, when it takes place) and ``known_at`` the first moment
    that one could have read it, both aware UTC. ``symbols`` are those that the source names. Of a
    filing also the ``company``, the ``form`` (10-K/A) and the fiscal year of an annual or quarterly
    report, 0 where there is none.
    """

    key: str
    source: str
    kind: DocumentKind
    title: str
    text: str
    url: str
    event_time: datetime
    known_at: datetime
    symbols: tuple[str, ...] = ()
    author: str = ""
    company: str = ""
    form: str = ""
    fiscal_year: int = 0


@dataclass(frozen=True, slots=True)
class Observation:
    """One value of an economic series: ``value`` of the period that begins on ``period``.

    A revision is another observation of the same period with a later ``known_at`` (aware UTC);
    None is a period that the source has without a value.
    """

    series: str
    period: date
    value: Decimal | None
    known_at: datetime
    source: str
