"""What a store keeps of each chunk, and the two questions that every store answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge_base.articles import Article
from rag_index.chunk import Chunk

Vector = NDArray[np.float32]
ARTICLES, DOCUMENTS = "articles", "documents"


@dataclass(frozen=True, slots=True)
class Row:
    """One chunk with what a citation needs; `known_at` is aware UTC, spans are in characters.

    Of a person's own document also the page (from 1), company, ticker, fiscal year and kind of
    document ("10-K"); 0 and "" where that is not known, and for an article. `known_until` is the
    moment from which a corrected text stood in its place, None while none does.
    """

    id: str
    document: str
    title: str
    section: str
    text: str
    start: int
    end: int
    known_at: datetime
    sha256: str
    kind: str
    source: str
    indexed: str
    collection: str = ARTICLES
    page: int = 0
    company: str = ""
    ticker: str = ""
    fiscal_year: int = 0
    document_kind: str = ""
    known_until: datetime | None = None

    def plain(self) -> dict[str, Any]:
        """Give the fields by name, the times as ISO 8601."""
        until = self.known_until.isoformat() if self.known_until else None
        return asdict(self) | {"known_at": self.known_at.isoformat(), "known_until": until}


ROW_FIELDS = tuple(Row.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows a question may see: known at `as_of` (aware UTC), and as the other fields say.

    A field that is None or empty asks for nothing; `companies` and `fiscal_years` ask for any one.
    """

    as_of: datetime
    kind: str | None = None
    companies: tuple[str, ...] = ()
    ticker: str | None = None
    fiscal_years: tuple[int, ...] = ()
    document_kind: str | None = None

    def allows(self, row: Row) -> bool:
        """Say whether the row may be seen."""
        return (
            row.known_at <= self.as_of
            and (row.known_until is None or self.as_of < row.known_until)
            and self.kind in (None, row.kind)
            and self.ticker in (None, row.ticker)
            and self.document_kind in (None, row.document_kind)
            and (not self.companies or row.company in self.companies)
            and (not self.fiscal_years or row.fiscal_year in self.fiscal_years)
        )


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that a store found: the cosine of its vector and the question's, and its BM25.

    `vector` is the row's own, None where the store does not give it.
    """

    row: Row
    cosine: float
    words: float = 0.0
    vector: Vector | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Facets:
    """What a collection is about: its companies with their tickers, and its latest `known_at`."""

    companies: tuple[tuple[str, str], ...] = ()
    latest: datetime | None = None


class Store(Protocol):
    """Rows with vectors, searched by meaning and by words; both answers best first."""

    def near(self, vector: Vector, scope: Scope, limit: int) -> list[Hit]:
        """Give the rows whose vectors are nearest."""
        ...

    def matching(self, words: str, vector: Vector, scope: Scope, limit: int) -> list[Hit]:
        """Give the rows that hold the words, ranked by BM25."""
        ...

    def facets(self) -> Facets:
        """Give the companies and tickers that the rows are about."""
        ...


def row_of(chunk: Chunk, article: Article) -> Row:
    """Join a chunk with what its article knows about time, kind and source."""
    return Row(
        id=chunk.id,
        document=chunk.document,
        title=chunk.title,
        section=chunk.section,
        text=chunk.text,
        start=chunk.start,
        end=chunk.end,
        known_at=article.known_from(chunk.start, chunk.end),
        sha256=chunk.sha256,
        kind=article.kind.value,
        source=article.sources[0].citation(),
        indexed=chunk.indexed,
    )


def row_from(plain: dict[str, Any]) -> Row:
    """Read a row from its plain form; KeyError, TypeError or ValueError if it is no row."""
    # What was indexed before texts could be corrected says nothing of it.
    values = {name: plain[name] for name in ROW_FIELDS if name != "known_until"}
    until = plain.get("known_until")
    moments = {"known_at": _moment(plain["known_at"]), "known_until": until and _moment(until)}
    return Row(**values | moments)


def _moment(written: str | datetime) -> datetime:
    at = datetime.fromisoformat(written) if isinstance(written, str) else written
    return at.astimezone(UTC)
