"""What is kept of each document beside its text."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from rag_index.document_rows import DocumentFacts
from rag_index.documents.description import Description, Given
from rag_index.documents.limits import SourceFile


@dataclass(frozen=True, slots=True)
class Record:
    """One document: `indexed` says that the index holds this very text under this description.

    `former_sha256` is the text that the index may still hold until then. `given` is what a person
    said about it, kept for the next time the file changes. `fed` says that a feed brought it and
    no person; `known_until` (ISO 8601) is when a corrected text took its place, as a document of
    its own, or from which its source had taken it back (`withdrawn`), "" while neither.
    """

    id: str
    sources: tuple[SourceFile, ...]
    described: Description
    text_sha256: str
    characters: int
    notes: tuple[str, ...]
    given: dict[str, str]
    indexed: bool = False
    former_sha256: str = ""
    fed: bool = False
    known_until: str = ""
    withdrawn: bool = False

    @property
    def facts(self) -> DocumentFacts:
        """What each of its rows says."""
        d = self.described
        return DocumentFacts(
            document=self.id,
            title=d.title,
            known_at=d.known_at,
            source=f"{d.title} ({self.sources[0].name})" if self.sources else d.title,
            company=d.company,
            ticker=d.ticker,
            fiscal_year=d.fiscal_year,
            document_kind=d.document_kind,
            known_until=datetime.fromisoformat(self.known_until) if self.known_until else None,
        )

    def plain(self) -> dict[str, Any]:
        """Give it as JSON values, the time as ISO 8601."""
        plain = asdict(self)
        plain["described"]["known_at"] = self.described.known_at.isoformat()
        return plain

    def without(self, path: str) -> Record:
        """The record without the file at `path`."""
        return replace(self, sources=tuple(s for s in self.sources if s.path != path))


def record_from(plain: dict[str, Any]) -> Record:
    """Read a record from JSON values; KeyError, TypeError or ValueError if it is none."""
    described = dict(plain["described"])
    described["known_at"] = datetime.fromisoformat(described["known_at"])
    changes = {
        "sources": tuple(SourceFile(**source) for source in plain["sources"]),
        "described": Description(**described),
        "notes": tuple(plain["notes"]),
    }
    return Record(**plain | changes)


def given_plain(given: Given) -> dict[str, str]:
    """Give what a person said as JSON values; what was not said is left out."""
    at = given.known_at.isoformat() if given.known_at else ""
    said = asdict(given) | {"known_at": at}
    return {name: str(value) for name, value in said.items() if value}


def given_from(plain: dict[str, str]) -> Given:
    """Read what a person said from JSON values."""
    at = plain.get("known_at", "")
    return Given(
        company=plain.get("company", ""),
        ticker=plain.get("ticker", ""),
        fiscal_year=int(plain.get("fiscal_year", "0")),
        document_kind=plain.get("document_kind", ""),
        known_at=datetime.fromisoformat(at) if at else None,
    )
