"""The moments that an entry of a feed names, in whatever form they are written."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate
from typing import Any

_ZONE = re.compile(
    r"(?:Z|[+-]\d{1,2}:?\d\d|\b(?:GMT|UTC?|[ECMP][SD]T|[ECMP]T)(?:[+-]\d+)?)\s*(?:\([^)]*\))?$",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\d[:.hT]\d\d")
# The westernmost zone: a time of day without a zone is over everywhere so long after UTC's.
WEST = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Written:
    """``event`` is the moment as it is mostly meant, ``known`` the last that it could mean."""

    event: datetime
    known: datetime


def written_moment(entry: Any, name: str, now: datetime) -> Written | None:
    """The date ``name`` of an entry of feedparser's; None where it has none that can be read.

    A time without a zone is known from when it is past in every zone, a day without a time from
    when that day is: nobody sees it too early. A date before the web was made is a mistake.
    """
    raw = str(entry.get(name, "")).strip()
    try:
        # feedparser reads most forms, but not the usual one without a zone.
        parsed = entry.get(f"{name}_parsed") or parsedate(raw)
        if not parsed:
            return None
        at = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    if not 1990 <= at.year <= now.year + 50:
        return None
    if not _CLOCK.search(raw):
        return Written(at, at + timedelta(days=1) + WEST)
    return Written(at, at if _ZONE.search(raw) else at + WEST)
