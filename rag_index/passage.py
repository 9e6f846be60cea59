"""What a search gives: a span of an article or of a document, with what a citation needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rag_index.fusion import Scored
from rag_index.rows import ARTICLES


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of a text: `start` and `end` in characters of its body, `known_at` aware UTC.

    `score` is near 1 where a passage agrees wholly by meaning and by words, and falls towards 0.
    The last six fields are a document's; see `Row`.
    """

    id: str
    document: str
    title: str
    section: str
    text: str
    start: int
    end: int
    score: float
    known_at: datetime
    sha256: str
    source: str
    collection: str = ARTICLES
    page: int = 0
    company: str = ""
    ticker: str = ""
    fiscal_year: int = 0
    document_kind: str = ""


_COPIED = tuple(name for name in Passage.__dataclass_fields__ if name != "score")


def passage_of(scored: Scored) -> Passage:
    """Make a passage of a scored row."""
    row = scored.hit.row
    return Passage(score=scored.score, **{name: getattr(row, name) for name in _COPIED})
