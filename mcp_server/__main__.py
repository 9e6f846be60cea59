"""``python -m mcp_server``: the tools on standard input and output."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from mcp_server.stdio import run_stdio
from rag_index.errors import KnowledgeIndexError
from rag_index.opening import Choice, Library
from rag_index.search import KnowledgeIndex
from tools.assembly import assemble
from tools.domain.errors import TradingError
from tools.settings import Settings, load_settings

NO_INDEX = 3


def main() -> int:
    """Serve the desk's tools on stdio; the knowledge index must have been built.

    Returns the exit status; an expected error is one sentence on standard error.
    """
    os.umask(0o077)
    try:
        settings = load_settings()
        house = assemble(settings)
        index = _index(settings, house.knowledge_folder)
    except (TradingError, KnowledgeIndexError) as error:
        sys.stderr.write(f"Error: {error}\n")
        return error.exit_status if isinstance(error, TradingError) else NO_INDEX
    run_stdio(house, index)
    return 0


def _index(settings: Settings, folder: Path) -> KnowledgeIndex:
    key = settings.weaviate_api_key
    choice = Choice(
        embedder=settings.embedder,
        reranker=settings.reranker,
        weaviate_url=settings.weaviate_url,
        weaviate_key=key.get_secret_value() if key else None,
        weaviate_grpc_url=settings.weaviate_grpc_url,
    )
    library = Library(folder, choice)
    return KnowledgeIndex.open(
        folder, embedder=library.embedder, reranker=library.reranker, server=library.server
    )


if __name__ == "__main__":
    sys.exit(main())
