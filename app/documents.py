"""From the feeds of documents into the knowledge index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from app.knowledge import many_threads
from tools.domain.document import Document, DocumentKind
from tools.domain.errors import DataUnavailable
from tools.market_data.documents.feed import MOST, DocumentFeed, Wanted
from tools.market_data.documents.opening import source_named

if TYPE_CHECKING:
    from app.keeping import Keeping
    from rag_index.adding import Outcome
    from rag_index.arriving import Arrival
    from tools.ports import Clock

Told = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What feeds gave and what became of it in the index; ``errors`` and ``notes`` are sentences.

    An error is of a feed that did not answer, a note of what an answer lacks.
    """

    outcomes: tuple[Outcome, ...] = ()
    errors: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def fresh(self) -> int:
        """How many are new or corrected."""
        return sum(one.status in ("added", "changed") for one in self.outcomes)


def fetch(
    folder: Path,
    feeds: Sequence[DocumentFeed],
    wanted: Wanted,
    clock: Clock,
    told: Told | None = None,
    keeping: Keeping | None = None,
) -> Fetched:
    """Ask each feed, keep what they have, and put it into the index under ``folder``.

    A feed that doesn't answer is told among the errors and the others are asked. Raises
    InputError for a question that makes no sense to a feed.
    """
    found: list[Document] = []
    errors: list[str] = []
    notes: list[str] = []
    gone: list[tuple[str, str]] = []
    for number, feed in enumerate(feeds):
        if told:
            told(number, len(feeds), f"asking {feed.name}")
        try:
            came = feed.documents(wanted)
            notice = getattr(feed, "notice", str)()
            notes += [f"{notice}."] if notice else []
            if keeping is not None:
                keeping.keep(feed.name, wanted, came, clock.wall(), lacks=bool(notice))
            found += came
            gone += [(feed.name, key) for key in getattr(feed, "withdrawn", tuple)()]
        except DataUnavailable as error:
            errors.append(str(error))
    found.sort(key=lambda one: one.known_at)
    if gone:
        from rag_index.arriving import standing

        gone = standing(folder, gone)
    outcomes = put(folder, found, clock.wall(), told, gone) if found or gone else []
    return Fetched(tuple(outcomes), tuple(errors), tuple(notes))


def put(
    folder: Path,
    documents: Sequence[Document],
    now: datetime,
    told: Told | None = None,
    withdrawn: Sequence[tuple[str, str]] = (),
) -> list[Outcome]:
    """Put documents that were fetched at ``now`` (aware) into the index.

    Those ``withdrawn``, by source and key, are taken back from then on.

    Raises KnowledgeIndexError with a sentence where it can't be written.
    """
    from rag_index.arriving import take_in

    library = many_threads(folder)
    library.need_model()
    library.settle()
    return take_in(
        folder,
        [arrival_of(one) for one in documents],
        now=now,
        embedder=library.embedder,
        progress=told,
        server=library.server,
        withdrawn=withdrawn,
    )


def wanted_of(
    source: str, symbols: Sequence[str], about: str, since: datetime | None, now: datetime
) -> Wanted:
    """The question to a source at ``now``: as far back and ahead as fits it.

    Raises InputError for an unknown source and for what is no question.
    """
    row = source_named(source)
    # What is dated a little ahead of our own clock is there all the same.
    until = now + row.ahead + timedelta(hours=1)
    return Wanted(since or now - row.back, until, tuple(symbols), about, MOST)


def arrival_of(document: Document) -> Arrival:
    """A document as the index takes it; without a company it goes by its first symbol."""
    from rag_index.arriving import Arrival

    about = ""
    if document.kind is DocumentKind.EVENT:
        # A date that is moved is a corrected text, so it must be in it. Calendars tell no hour. The
        # symbols of news are left out: which of them there are may depend on the question.
        about = f"{document.event_time:%Y-%m-%d}. {', '.join(document.symbols)}".strip()
    ticker = document.symbols[0] if document.symbols else ""
    return Arrival(
        source=document.source,
        key=document.key,
        title=document.title,
        text=document.text,
        known_at=document.known_at,
        url=document.url,
        about=about,
        company=document.company or ticker,
        ticker=ticker,
        fiscal_year=document.fiscal_year,
        document_kind=document.form or str(document.kind),
    )
