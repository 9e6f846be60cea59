"""What Alpaca's answers prove: a table, so that a new wording is a new line and no new code."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

# An answer that speaks of this proves nothing, whatever its status: a venue once answered 400
# "request timed out" and had the order eight seconds later.
UNPROVEN = re.compile(r"time[ds]?[ -]?out|timeout|try again|internal|unavailable", re.I)

# The id is taken: the venue has an order under it, which is no refusal of that order.
TAKEN = re.compile(r"client_order_id must be unique|duplicate client_order_id", re.I)

# Refusals of the keys come without the code that every other answer of Alpaca's own has.
KEYS = re.compile(r"^(forbidden|unauthori[sz]ed|request is not authorized)\b", re.I)

# Statuses whose body, when it is Alpaca's own (a message and its code), proves a refusal.
REFUSALS = {
    400: "the request was malformed",
    401: "the keys were not accepted",
    403: "it is not allowed, or there is not enough buying power or stock",
    404: "there is no such order or asset",
    422: "the order is not one that the venue takes",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: an HTTP status, and the body as JSON or, where that fails, as text."""

    status: int
    body: Any

    @property
    def message(self) -> str:
        """The venue's own words, "" where there are none that can be relied on."""
        said = self.body.get("message") if isinstance(self.body, dict) else None
        return said if isinstance(said, str) else ""

    @property
    def own(self) -> bool:
        """Whether Alpaca itself said it, and not a proxy on the way: a message with its code."""
        code = self.body.get("code") if isinstance(self.body, dict) else None
        coded = isinstance(code, int) and not isinstance(code, bool) and code > 0
        return bool(self.message) and (coded or bool(KEYS.match(self.message)))

    @property
    def nothing(self) -> bool:
        """Whether it says that there is no such thing."""
        return self.status == 404 and self.own

    @property
    def taken(self) -> bool:
        """Whether it says that the client order id has been used already."""
        return self.own and bool(TAKEN.search(self.message))

    @property
    def refused(self) -> bool:
        """Whether it proves that the venue did not do what was asked, and has nothing of it."""
        return self.status in REFUSALS and self.own and not UNPROVEN.search(self.message)

    @property
    def reason(self) -> str:
        """A refusal for people: what the status means and what the venue said, on one line."""
        words = " ".join(self.message.split())[:200]
        return f"{REFUSALS.get(self.status, f'status {self.status}')}: {words}"


def read(status: int, text: str) -> Answer:
    """The answer with its body parsed where it is JSON."""
    try:
        return Answer(status, json.loads(text, parse_float=str, parse_constant=str))
    except (ValueError, RecursionError):
        return Answer(status, text)
