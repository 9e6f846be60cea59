"""Spans of time from a moment until before another, and what of one is missing in others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From ``start`` until before ``end`` (aware UTC)."""

    start: datetime
    end: datetime

    @property
    def empty(self) -> bool:
        """Whether no moment is in it."""
        return self.end <= self.start

    def meets(self, other: Span) -> bool:
        """Whether some moment is in both."""
        return self.start < other.end and other.start < self.end


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same moments in as few spans as there can be, oldest first."""
    found: list[Span] = []
    for span in sorted(span for span in spans if not span.empty):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found)


def missing(wanted: Span, there: Iterable[Span]) -> tuple[Span, ...]:
    """What of ``wanted`` is in none of ``there``, oldest first."""
    found, at = [], wanted.start
    for span in joined(there):
        if span.end <= at:
            continue
        if span.start >= wanted.end:
            break
        if span.start > at:
            found.append(Span(at, span.start))
        at = span.end
    if at < wanted.end:
        found.append(Span(at, wanted.end))
    return tuple(found)
