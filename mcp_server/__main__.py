"""``python -m mcp_server``: the tools on standard input and output."""

from __future__ import annotations

import os
import sys

from mcp_server.stdio import run_stdio
from rag_index.errors import KnowledgeIndexError
from rag_index.search import KnowledgeIndex
from tools.assembly import assemble
from tools.domain.errors import TradingError
from tools.settings import load_settings

NO_INDEX = 3


def main() -> int:
    """Serve the desk's tools on stdio; the knowledge index must have been built.

    Returns the exit status; an expected error is one sentence on standard error.
    """
    os.umask(0o077)
    try:
        house = assemble(load_settings())
        index = KnowledgeIndex.open(house.knowledge_folder)
    except (TradingError, KnowledgeIndexError) as error:
        sys.stderr.write(f"Error: {error}\n")
        return error.exit_status if isinstance(error, TradingError) else NO_INDEX
    run_stdio(house, index)
    return 0


if __name__ == "__main__":
    sys.exit(main())
