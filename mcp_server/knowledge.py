"""The tool that reads the knowledge index: search_knowledge."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from rag_index.errors import KnowledgeIndexError
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
    ) -> dict[str, Any]:
        """The best passages for ``query``; an empty list when nothing is relevant."""
        if not query.strip():
            raise InputError("search_knowledge needs a few words to look for")
        at = moment(as_of, self._clock) if as_of is not None else self._clock.wall()
        try:
            found = self._index.search(query, as_of=at, limit=limit)
        except KnowledgeIndexError as error:
            raise DataUnavailable(str(error)) from error
        return {
            "query": query,
            "as_of": at.isoformat(),
            "passages": [
                {
                    "id": row.id,
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
                }
                for row in found
            ],
        }

    def spec(self) -> ToolSpec:
        """The row for the catalogue."""
        return ToolSpec(
            "search_knowledge",
            "Search the knowledge base of trading articles; returns passages to cite by id.",
            self.search_knowledge,
            untrusted_text=True,
        )
