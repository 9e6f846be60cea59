"""The account's activities at Alpaca: executions, and what changed the account without a trade."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.domain.errors import OutcomeUnknown
from tools.execution.brokers.alpaca_line import Line

PAGE = 100
MOST_PAGES = 500


def activities(line: Line, path: str, **query: str) -> Iterator[dict[str, Any]]:
    """Each activity once, oldest first, with its ``id`` checked; reads page after page.

    ``page_token`` in the query is the id to go on after. Raises OutcomeUnknown when the venue
    doesn't answer readably, or its pages don't end.
    """
    query |= {"direction": "asc", "page_size": str(PAGE)}
    seen: set[str] = set()
    for _ in range(MOST_PAGES):
        page = line.ask(path, **query)
        if not isinstance(page, list):
            raise OutcomeUnknown("Alpaca answered with something else than a list of activities")
        new = 0
        for one in page:
            key = one.get("id") if isinstance(one, dict) else None
            if not isinstance(key, str) or not key:
                raise OutcomeUnknown("Alpaca tells of an activity without an id")
            if key not in seen:
                seen.add(key)
                new += 1
                yield one
            query["page_token"] = key
        if len(page) < PAGE:
            return
        if not new:
            break
    raise OutcomeUnknown("Alpaca's list of activities does not end")
