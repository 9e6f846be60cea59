"""Makes rows of a person's own document: spans of its text under a header that says whose it is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from rag_index.rows import DOCUMENTS, Row

KIND = "document"


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What is known of a whole document; times are aware UTC, 0 and "" say "not known"."""

    document: str
    title: str
    known_at: datetime
    source: str
    company: str = ""
    ticker: str = ""
    fiscal_year: int = 0
    document_kind: str = ""
    known_until: datetime | None = None

    def row(self, text: str, start: int, *, section: str = "", page: int = 0) -> Row:
        """Make a row of the span that begins at character `start` of the document's text.

        The span must be exactly `text`; it is embedded and searched under a header of company,
        fiscal year, kind, title and section.
        """
        digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
        return Row(
            id=f"{self.document}-{start}-{digest[:16]}",
            document=self.document,
            title=self.title,
            section=section,
            text=text,
            start=start,
            end=start + len(text),
            known_at=self.known_at,
            sha256=digest,
            kind=KIND,
            source=self.source,
            indexed=f"{self.header(section)}\n{text}",
            collection=DOCUMENTS,
            page=page,
            company=self.company,
            ticker=self.ticker,
            fiscal_year=self.fiscal_year,
            document_kind=self.document_kind,
            known_until=self.known_until,
        )

    def header(self, section: str) -> str:
        """Say whose text it is: company, fiscal year, kind, title and section, each said once."""
        year = f"FY{self.fiscal_year}" if self.fiscal_year else ""
        said: list[str] = []
        for part in (self.company, year, self.document_kind, self.title, section):
            if part and not any(part.lower() in before.lower() for before in said):
                said.append(part)
        return " | ".join(said)
