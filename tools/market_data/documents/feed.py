"""What a feed of documents offers, and what is asked of one.

``tests/contracts/documents.py`` is the exam that every feed takes. ``documents/opening.py`` opens
each by its name; ``app/documents.py`` puts what comes into the knowledge index.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from tools.domain.document import Document
from tools.domain.errors import InputError
from tools.domain.market import aware_utc
from tools.market_data.symbols import canonical

MOST = 1_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question: documents whose ``event_time`` is from ``since`` until before ``until`` (UTC).

    ``symbols`` are canonical; with some, only documents that concern one of them come, with none
    whatever the source has. ``words`` are words that a document must hold, all of them and in any
    order; a source that searches by itself may take them its own way. At most ``limit``
    documents, the latest. Raises InputError for a question that makes no sense.
    """

    since: datetime
    until: datetime
    symbols: tuple[str, ...] = ()
    words: str = ""
    limit: int = 100

    def __post_init__(self) -> None:
        put = object.__setattr__  # what is frozen is set once, here
        put(self, "since", aware_utc(self.since, "since"))
        put(self, "until", aware_utc(self.until, "until"))
        put(self, "symbols", tuple(dict.fromkeys(canonical(one) for one in self.symbols)))
        put(self, "words", " ".join(self.words.split()))
        if self.since >= self.until:
            raise InputError("The span is empty: give a moment that lies before its end.")
        if not 1 <= self.limit <= MOST:
            raise InputError(f"Ask for 1 to {MOST} documents at a time.")

    def holds(self, text: str) -> bool:
        """Whether every one of ``words`` stands in ``text``, as a whole word in any case."""
        low = text.casefold()
        return all(
            re.search(rf"(?<!\w){re.escape(word)}(?!\w)", low)
            for word in self.words.casefold().split()
        )


@runtime_checkable
class DocumentFeed(Protocol):
    """One source of documents.

    DataUnavailable is "mine, but broken" and Unanswered "no answer this time", as of any feed;
    nothing found is an empty answer.
    """

    @property
    def name(self) -> str:
        """Short, for people and for file names: edgar, newsapi."""
        ...

    def documents(self, wanted: Wanted) -> tuple[Document, ...]:
        """What was asked for, the first known first, one of each key, its text cleaned.

        A text that the source corrected keeps its key and has a later ``known_at``.
        """
        ...


@runtime_checkable
class Withdrawing(Protocol):
    """A feed whose source says which of its documents it has taken back."""

    def withdrawn(self) -> tuple[str, ...]:
        """The keys of those that the last answer said so of; they are not among its documents."""
        ...


def known(told: datetime | None, now: datetime) -> datetime:
    """When a document was first known: what the source tells, else the moment of fetching.

    Both aware. Whoever reads it at ``now`` knows it then: a later moment that a source tells is a
    mistake of its clock or its zone.
    """
    return aware_utc(now if told is None else min(told, now))


def arranged(found: Iterable[Document], wanted: Wanted) -> tuple[Document, ...]:
    """Those of the span, one of each key (the last known), the latest ``limit``, in order."""
    by_key: dict[str, Document] = {}
    for one in found:
        before = by_key.get(one.key)
        asked = wanted.since <= one.event_time < wanted.until
        if asked and (before is None or one.known_at >= before.known_at):
            by_key[one.key] = one
    latest = sorted(by_key.values(), key=lambda one: (one.event_time, one.key))[-wanted.limit :]
    return tuple(sorted(latest, key=lambda one: (one.known_at, one.event_time, one.key)))


def named_in(text: str, symbols: Iterable[str]) -> tuple[str, ...]:
    """The symbols that stand in a text as a word, in capitals as they are written: BRK.B, BTC/USD.

    For sources that don't say which symbols a text concerns. One or two letters are also words or
    initials: these count only as ``$F``, ``(F)`` or ``NYSE: F``.
    """
    return tuple(one for one in symbols if re.search(_written(one), text))


def _written(symbol: str) -> str:
    spelled = "[./-]".join(re.escape(part) for part in re.split(r"[./-]", symbol))
    if len(symbol) > 2:
        return rf"(?<![\w.]){spelled}(?![\w-])(?!\.\w)"
    return rf"(?:\$|\(|[A-Z]: ?){spelled}(?![\w-])(?!\.\w)"
