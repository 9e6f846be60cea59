"""Adds and removes a person's own documents: read, described, kept, cut, put into the index."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zlib import crc32

from filelock import FileLock

from rag_index.backend import Backend
from rag_index.documents.canonical import Canonical
from rag_index.documents.description import Description, Given, describe
from rag_index.documents.errors import DocumentRefused
from rag_index.documents.journal import Journal
from rag_index.documents.limits import SourceFile, measure
from rag_index.documents.pieces import rows_of
from rag_index.documents.record import Record, given_from, given_plain
from rag_index.documents.registry import Registry
from rag_index.documents.worker import ReaderProcess
from rag_index.embed import Encoder
from rag_index.updates import DocumentWriter, writer

LOCKS = 16
Progress = Callable[[int, int, str], None]
Read = Callable[[Path], Canonical]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: added, changed, unchanged, duplicate or refused."""

    path: str
    status: str
    document: str = ""
    chunks: int = 0
    embedded: int = 0
    message: str = ""


def add_documents(
    folder: Path,
    paths: Sequence[Path],
    given: Given,
    *,
    now: datetime,
    embedder: Encoder,
    progress: Progress | None = None,
    read: Read | None = None,
    server: Backend | None = None,
) -> list[Outcome]:
    """Add files to the knowledge folder; a file that can't be used is refused and the rest go on.

    Also finishes what a run that was killed left. `progress` is told (files done, files in all,
    the file at hand). `now` is aware. Raises KnowledgeIndexError if nothing can be written.
    """
    registry = Registry(folder)
    with registry.changing():
        journal = Journal(registry.home, [(str(p.absolute()), given_plain(given)) for p in paths])
    outcomes: list[Outcome] = []
    try:
        with ReaderProcess() as process, writer(folder, embedder, server) as opened:
            library = _Library(registry, opened, embedder, read or process.read, now)
            for path, said in journal.entries:
                if progress:
                    progress(len(outcomes), len(journal.entries), Path(path).name)
                try:
                    outcomes.append(library.add(Path(path), given_from(said)))
                except DocumentRefused as error:
                    outcomes.append(Outcome(path, "refused", message=str(error)))
                journal.done(path)
            if progress:
                progress(len(outcomes), len(journal.entries), "keeping the index tidy")
    finally:
        journal.close()
    return outcomes


def remove_documents(
    folder: Path, names: Sequence[str], server: Backend | None = None
) -> tuple[list[str], list[str]]:
    """Take documents out by id, file name or path; give the ids taken out and the names not known.

    A document that stands under a second name stays when the first is taken out by its path.
    """
    registry = Registry(folder)
    removed: list[str] = []
    unknown: list[str] = []
    with writer(folder, None, server) as opened:
        for name in names:
            path = str(Path(name).absolute())
            by_path = [r for r in registry.records() if path in {s.path for s in r.sources}]
            by_name = [
                r
                for r in registry.records()
                if r.id == name or name in {source.name for source in r.sources}
            ]
            if not by_path and not by_name:
                unknown.append(name)
            for record in by_path or by_name:
                if by_path and len(record.sources) > 1:
                    with registry.changing():
                        registry.write(record.without(path))
                else:
                    _take_out(registry, opened, record)
                removed.append(record.id)
    return removed, unknown


def put_record(
    registry: Registry, opened: DocumentWriter, document: str, embedder: Encoder
) -> tuple[int, int]:
    """Put a registered document's rows into the index; give chunks and embeddings made."""
    with _alone(registry, document):
        record = registry.record(document)
        if record is None:
            return 0, 0
        found = registry.canonical(record.text_sha256)
        report = opened.put(document, rows_of(found, record.facts, embedder.count))
        with registry.changing():
            latest = registry.record(document)
            if latest is not None and latest.described == record.described:
                if latest.text_sha256 == record.text_sha256:
                    registry.write(replace(latest, indexed=True, former_sha256=""))
                if record.former_sha256:
                    registry.sweep()
    return report.chunks, report.embedded


def _take_out(registry: Registry, opened: DocumentWriter, record: Record) -> None:
    with _alone(registry, record.id):
        with registry.changing():
            registry.write(replace(record, indexed=False))  # a kill from here on shows in `check`
        opened.remove(record.id)
        with registry.changing():
            registry.delete(record)


@contextmanager
def _alone(registry: Registry, document: str) -> Iterator[None]:
    """Let one process at a time bring one document and the index together.

    Documents share a few locks, for the files stay: to remove one while another process waits for
    it would let two in, one by the old file and one by a new one.
    """
    locks = registry.home / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    with FileLock(locks / f"{crc32(document.encode()) % LOCKS}.lock"):
        yield


class _Library:
    """One run's way of adding a file."""

    def __init__(
        self,
        registry: Registry,
        opened: DocumentWriter,
        embedder: Encoder,
        read: Read,
        now: datetime,
    ) -> None:
        self._registry, self._opened, self._embedder = registry, opened, embedder
        self._read, self._now = read, now

    def add(self, path: Path, given: Given) -> Outcome:
        source = measure(path)
        known = self._same_bytes(source)
        if known is not None:
            found = self._registry.canonical(known.text_sha256)
            given = given_from(known.given | given_plain(given))
        else:
            before = next((r for r in self._registry.records() if _stands_at(r, source)), None)
            # What a person said stays said, but for the date: new words were not known before.
            said = {k: v for k, v in before.given.items() if k != "known_at"} if before else {}
            given = given_from(said | given_plain(given))
            found = self._read(path)
            if measure(path).sha256 != source.sha256:
                raise DocumentRefused(f"{path.name}: it changed while it was read: add it again")
        described = describe(found, known.sources[0] if known else source, given, self._now)
        record, status = self._keep(source, found, described, given)
        if record.indexed:
            return Outcome(str(path), status, record.id)
        chunks, embedded = put_record(self._registry, self._opened, record.id, self._embedder)
        return Outcome(str(path), status, record.id, chunks, embedded, _note(record))

    def _same_bytes(self, source: SourceFile) -> Record | None:
        return next(
            (
                record
                for record in self._registry.records()
                if source.sha256 in {s.sha256 for s in record.sources}
            ),
            None,
        )

    def _keep(
        self, source: SourceFile, found: Canonical, described: Description, given: Given
    ) -> tuple[Record, str]:
        """Write the record; the same bytes or the same text under two names are one document."""
        gone: Record | None = None
        with self._registry.changing():
            digest = self._registry.keep_text(found)
            records = self._registry.records()
            there = next((r for r in records if _stands_at(r, source)), None)
            twin = next((r for r in records if _is_same(r, source, digest)), None)
            if twin is None and there is not None and len(there.sources) == 1:
                record, status = _changed(there, source, found, described, digest, given), "changed"
            elif twin is None:
                record, status = _new(source, found, described, digest, given), "added"
            else:
                kept = twin.without(source.path)
                sources = (*kept.sources, source) if twin is not there else twin.sources
                status = "unchanged" if twin is there else "duplicate"
                record = replace(twin, sources=sources, given=given_plain(given))
                if _says_more(twin.described, described):
                    record = replace(record, described=described, indexed=False)
                    status = "changed" if twin is there else status
            if there is not None and there.id != record.id:
                rest = there.without(source.path)
                gone = None if rest.sources else there
                self._registry.write(rest if rest.sources else there)
            self._registry.write(record)
        if gone is not None:
            _take_out(self._registry, self._opened, gone)
        return record, status


def _stands_at(record: Record, source: SourceFile) -> bool:
    return source.path in {s.path for s in record.sources}


def _is_same(record: Record, source: SourceFile, digest: str) -> bool:
    return record.text_sha256 == digest or source.sha256 in {s.sha256 for s in record.sources}


def _says_more(before: Description, after: Description) -> bool:
    """Say whether a second look, with other words of the person, changed the description."""
    stable = replace(after, known_at=before.known_at, known_from=before.known_from)
    return stable != before or (after.known_from == "given" and after.known_at != before.known_at)


def _changed(
    before: Record,
    source: SourceFile,
    found: Canonical,
    described: Description,
    digest: str,
    given: Given,
) -> Record:
    fresh = _new(source, found, described, digest, given)
    former = before.former_sha256 or before.text_sha256
    return replace(fresh, id=before.id, former_sha256=former)


def _new(
    source: SourceFile, found: Canonical, described: Description, digest: str, given: Given
) -> Record:
    words = re.sub(r"[^a-z0-9]+", "-", Path(source.name).stem.lower()).strip("-")[:40]
    return Record(
        id=f"{words or 'document'}-{source.sha256[:8]}",
        sources=(source,),
        described=described,
        text_sha256=digest,
        characters=len(found.text),
        notes=found.notes,
        given=given_plain(given),
    )


def _note(record: Record) -> str:
    dated = f"known since {record.described.known_at:%Y-%m-%d} ({record.described.known_from})"
    return "; ".join((*record.notes, dated))
