"""Takes in texts that feeds bring: news, filings, events; again the same, corrected, or new.

A corrected text is a document of its own with the same number and an ending: `rss-1f0c…-2`. The
one before it stays, and is seen by whoever asks as of a moment before the correction was known. A
text that its source takes back stays in the same way, with nothing in its place.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from rag_index.adding import Outcome, Progress, put_record
from rag_index.backend import Backend
from rag_index.documents.canonical import Canonical, Writer
from rag_index.documents.description import Description
from rag_index.documents.limits import SourceFile
from rag_index.documents.record import Record
from rag_index.documents.registry import Registry
from rag_index.embed import Encoder
from rag_index.updates import writer

LONGEST_SOURCE = 300


@dataclass(frozen=True, slots=True)
class Arrival:
    """A text as a feed brings it, cleaned; `key` is the feed's own id of it, `known_at` aware UTC.

    `about` is a line that belongs to the text, such as when an event takes place.
    """

    source: str
    key: str
    title: str
    text: str
    known_at: datetime
    url: str = ""
    about: str = ""
    company: str = ""
    ticker: str = ""
    fiscal_year: int = 0
    document_kind: str = ""


def take_in(
    folder: Path,
    arrivals: Sequence[Arrival],
    *,
    now: datetime,
    embedder: Encoder,
    progress: Progress | None = None,
    server: Backend | None = None,
    withdrawn: Sequence[tuple[str, str]] = (),
) -> list[Outcome]:
    """Put texts into the knowledge folder; each is added, changed or unchanged.

    Those `withdrawn`, by source and key, are shown to nobody as of `now` or later; of those that
    were never here nothing is said.

    Also finishes what a run that was killed left. `now` (aware) is when the texts were fetched.
    Raises KnowledgeIndexError if nothing can be written.
    """
    registry = Registry(folder)
    outcomes: list[Outcome] = []
    with writer(folder, embedder, server) as opened:
        for record in registry.records():
            if record.fed and not record.indexed:
                put_record(registry, opened, record.id, embedder)
        for number, arrival in enumerate(arrivals):
            if progress:
                progress(number, len(arrivals), arrival.title)
            with registry.changing():
                record, before, status = _kept(registry, arrival, now)
            chunks = embedded = 0
            for one in (record, before):  # the new text is there before the old one goes
                if one is not None and not one.indexed:
                    put, made = put_record(registry, opened, one.id, embedder)
                    chunks, embedded = chunks or put, embedded + made
            outcomes.append(Outcome(arrival.title, status, record.id, chunks, embedded))
        for source, key in withdrawn:
            with registry.changing():
                gone = _withdrawn(registry, source, key, now)
            if gone is not None:
                put_record(registry, opened, gone.id, embedder)
                outcomes.append(Outcome(gone.described.title, "withdrawn", gone.id))
        if progress:
            progress(len(arrivals), len(arrivals), "keeping the index tidy")
    return outcomes


def _kept(registry: Registry, arrival: Arrival, now: datetime) -> tuple[Record, Record | None, str]:
    """The record of an arrival, the one that it takes the place of, and what became of it."""
    found = canonical_of(arrival)
    last, name = _last(registry, document_id(arrival.source, arrival.key))
    digest = hashlib.sha256(found.text.encode("utf-8")).hexdigest()
    if last is not None and last.text_sha256 == digest and not last.known_until:
        if arrival.ticker and not last.described.ticker:  # a question that named it found it again
            whose = replace(last.described, ticker=arrival.ticker, company=arrival.company)
            last = replace(last, described=whose, indexed=False)
            registry.write(last)
        return last, None, "unchanged"
    known_at, known_from = min(arrival.known_at, now), "its source"
    if last is not None and known_at <= last.described.known_at:
        # The source says nothing of its correction: it is known from when it was seen.
        known_at, known_from = now, "the moment at which the corrected text was fetched"
    registry.keep_text(found)
    record = _new(name, arrival, found, digest, known_at, known_from)
    registry.write(record)
    if last is None or last.known_until:
        return record, None, "added"
    before = replace(last, known_until=known_at.isoformat(), indexed=False)
    registry.write(before)
    return record, before, "changed"


def _last(registry: Registry, first: str) -> tuple[Record | None, str]:
    """The latest version of a document, and the name that the next one gets."""
    name, number, last = first, 1, None
    while (there := registry.record(name)) is not None:
        last, number = there, number + 1
        name = f"{first}-{number}"
    return last, name


def standing(folder: Path, withdrawn: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those texts, by source and key, that are here and were not taken back yet."""
    registry = Registry(folder)
    found = ((one, _last(registry, document_id(*one))[0]) for one in withdrawn)
    return [one for one, last in found if last is not None and not last.known_until]


def _withdrawn(registry: Registry, source: str, key: str, now: datetime) -> Record | None:
    """The record of a text that is taken back now; None where there is none, or it is already."""
    last, _ = _last(registry, document_id(source, key))
    if last is None or last.known_until:
        return None
    gone = replace(last, known_until=now.isoformat(), withdrawn=True, indexed=False)
    registry.write(gone)
    return gone


def _new(
    name: str, arrival: Arrival, found: Canonical, digest: str, known_at: datetime, known_from: str
) -> Record:
    place = arrival.url or f"{arrival.source}:{arrival.key}"
    said = ", ".join(part for part in (arrival.source, arrival.url) if part)[:LONGEST_SOURCE]
    size = len(found.text.encode("utf-8"))
    return Record(
        id=name,
        sources=(SourceFile(place, said, digest, size, known_at.timestamp()),),
        described=Description(
            title=arrival.title,
            company=arrival.company,
            ticker=arrival.ticker,
            fiscal_year=arrival.fiscal_year,
            document_kind=arrival.document_kind,
            known_at=known_at,
            known_from=known_from,
        ),
        text_sha256=digest,
        characters=len(found.text),
        notes=(),
        given={},
        fed=True,
    )


def document_id(source: str, key: str) -> str:
    """The id of a feed's document, the same for every look at it."""
    words = re.sub(r"[^a-z0-9]+", "-", source.lower()).strip("-")[:40]
    digest = hashlib.sha256(f"{source}\n{key}".encode("utf-8", "replace")).hexdigest()
    return f"{words or 'feed'}-{digest[:16]}"


def canonical_of(arrival: Arrival) -> Canonical:
    """The text that is kept and cited: title, what it is about, then its paragraphs and tables."""
    page = Writer()
    page.heading(arrival.title)
    page.paragraph(arrival.about)
    for block in re.split(r"\n\s*\n", arrival.text):
        lines = block.strip("\n").split("\n")
        if len(lines) > 1 and all(" | " in line for line in lines):
            page.table_lines("\n".join(lines))
        else:
            for line in lines:
                page.paragraph(line)
    return page.done(arrival.title)
