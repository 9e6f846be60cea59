"""The tool that reads the knowledge index: search_knowledge."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from rag_index.errors import KnowledgeIndexError
from rag_index.passage import Passage
from rag_index.rows import ARTICLES, DOCUMENTS
from rag_index.search import KnowledgeIndex
from tools.catalog import ToolSpec
from tools.catalog.spec import AsOfArg
from tools.clock import moment
from tools.domain.errors import DataUnavailable, InputError
from tools.ports import Clock


class KnowledgeTool:
    """Passages with exact spans, by meaning and by words; nothing known after ``as_of``."""

    def __init__(self, index: KnowledgeIndex, clock: Clock) -> None:
        """Search ``index``; "now" from ``clock``."""
        self._index = index
        self._clock = clock

    def search_knowledge(
        self,
        query: Annotated[str, Field(description="what to look for", max_length=2000)],
        as_of: AsOfArg = None,
        limit: Annotated[int, Field(ge=1, le=20, description="how many passages")] = 4,
        collection: Annotated[
            Literal["articles", "documents"] | None,
            Field(description="only the trading articles, or only the user's own documents"),
        ] = None,
        company: Annotated[
            str | None, Field(max_length=100, description="only documents of this company")
        ] = None,
        fiscal_year: Annotated[
            int | None, Field(ge=1900, le=2200, description="only documents for this year")
        ] = None,
    ) -> dict[str, Any]:
        """The best passages for ``query``; an empty list when nothing is relevant."""
        if not query.strip():
            raise InputError("search_knowledge needs a few words to look for")
        at = moment(as_of, self._clock) if as_of is not None else self._clock.wall()
        try:
            found = self._index.search(
                query,
                as_of=at,
                limit=limit,
                collection=collection,
                company=company,
                fiscal_year=fiscal_year,
            )
        except KnowledgeIndexError as error:
            raise DataUnavailable(str(error)) from error
        return {
            "query": query,
            "as_of": at.isoformat(),
            "collections": [collection] if collection else [ARTICLES, DOCUMENTS],
            "filters": {
                name: value
                for name, value in (("company", company), ("fiscal_year", fiscal_year))
                if value is not None
            },
            "passages": [_plain(row) for row in found],
        }

    def spec(self) -> ToolSpec:
        """The row for the catalogue."""
        return ToolSpec(
            "search_knowledge",
            "Search trading articles and the user's documents; returns passages to cite by id.",
            self.search_knowledge,
            untrusted_text=True,
        )


def _plain(row: Passage) -> dict[str, Any]:
    """A passage by name; one of a person's document says so, and that nobody vouches for it."""
    told: dict[str, Any] = {
        "id": row.id,
        "collection": row.collection,
        "document": row.document,
        "title": row.title,
        "section": row.section,
        "text": row.text,
        "start": row.start,
        "end": row.end,
        "sha256": row.sha256,
        "known_at": row.known_at.isoformat(),
        "source": row.source,
        "score": round(float(row.score), 6),
        "untrusted": row.collection == DOCUMENTS,
    }
    if row.collection == DOCUMENTS:
        about = ("page", "company", "ticker", "fiscal_year", "document_kind")
        told |= {name: getattr(row, name) for name in about}
    return told
