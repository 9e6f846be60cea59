"""The folder of documents: one file a record, and each canonical text under its own hash."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from rag_index.documents.canonical import Canonical
from rag_index.documents.record import Record, record_from
from rag_index.errors import IndexBusy, KnowledgeIndexError

LOCK_WAIT_S = 60.0


class Registry:
    """Reads without a lock, for files are only ever replaced whole; changes under `changing`."""

    def __init__(self, folder: Path) -> None:
        """Keep the documents of the knowledge folder `folder`."""
        self.home = folder / "documents"
        self._records, self._texts = self.home / "records", self.home / "texts"
        self._known: dict[str, tuple[tuple[int, int, int], Record]] = {}

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold off every other process that would change a record; for moments only.

        Raises IndexBusy after a minute, KnowledgeIndexError if the folder can't be written.
        """
        try:
            self._records.mkdir(parents=True, exist_ok=True)
            self._texts.mkdir(parents=True, exist_ok=True)
            with FileLock(self.home / "records.lock", timeout=LOCK_WAIT_S):
                yield
        except Timeout as error:
            raise IndexBusy(
                f"another process is changing the documents in {self.home}: try again soon"
            ) from error
        except OSError as error:
            raise KnowledgeIndexError(
                f"the documents can't be written to {self.home} ({error}): "
                "check the permissions and the free space"
            ) from error

    def records(self) -> tuple[Record, ...]:
        """Give every record, by id; raises KnowledgeIndexError naming a file that is damaged."""
        names = sorted(path.stem for path in self._records.glob("*.json"))
        found = (self.record(name) for name in names)
        return tuple(record for record in found if record is not None)

    def record(self, document: str) -> Record | None:
        """Give one record; None if there is no such document."""
        path = self._records / f"{document}.json"
        try:
            stat = path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            known = self._known.get(document)
            if known is None or known[0] != stamp:
                plain = json.loads(path.read_text(encoding="utf-8"))
                known = self._known[document] = (stamp, record_from(plain))
        except FileNotFoundError:
            self._known.pop(document, None)
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KnowledgeIndexError(
                f"{path} can't be read ({type(error).__name__}): delete it and add its file again"
            ) from error
        return known[1]

    def write(self, record: Record) -> None:
        """Put a record in place in one step; hold `changing`."""
        # Escaped, for a path may hold bytes that are no UTF-8.
        text = json.dumps(record.plain(), indent=1)
        _replace(self._records / f"{record.id}.json", text)

    def delete(self, record: Record) -> None:
        """Take a record out, and every text that no record uses; hold `changing`."""
        (self._records / f"{record.id}.json").unlink(missing_ok=True)
        self.sweep()

    def sweep(self) -> None:
        """Remove texts that no record uses; hold `changing`."""
        used = {sha for r in self.records() for sha in (r.text_sha256, r.former_sha256)}
        for path in self._texts.iterdir():
            if path.name.partition(".")[0] not in used:
                path.unlink(missing_ok=True)

    def keep_text(self, found: Canonical) -> str:
        """Write a canonical text and its marks; give its SHA-256. Hold `changing`."""
        digest = hashlib.sha256(found.text.encode("utf-8")).hexdigest()
        path = self._texts / f"{digest}.json"
        if not path.exists():
            _replace(path, json.dumps(found.plain(), ensure_ascii=False))
        return digest

    def canonical(self, digest: str) -> Canonical:
        """Read a canonical text again; raises KnowledgeIndexError if it is gone or damaged."""
        path = self._texts / f"{digest}.json"
        try:
            found = Canonical.from_plain(json.loads(path.read_text(encoding="utf-8")))
            if hashlib.sha256(found.text.encode("utf-8")).hexdigest() != digest:
                raise ValueError("its hash is another")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KnowledgeIndexError(
                f"the text {path} can't be used ({error}): add its document again"
            ) from error
        return found

    def text(self, document: str) -> str:
        """Give a document's text as the index holds it; "" if there is no such document."""
        record = self.record(document)
        if record is None:
            return ""
        stale = record.former_sha256 if not record.indexed else ""
        return self.canonical(stale or record.text_sha256).text


def _replace(path: Path, text: str) -> None:
    """Write a file beside its place and move it there, on disk before it returns."""
    fresh = path.with_name(f".{uuid.uuid4().hex}.new")
    try:
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
