"""``python -m mcp_server``: the tools on standard input and output."""

from __future__ import annotations

from mcp_server.stdio import run_stdio
from rag_index.search import KnowledgeIndex
from tools.assembly import assemble
from tools.settings import load_settings


def main() -> None:
    """Serve the desk's tools on stdio; the knowledge index must have been built."""
    house = assemble(load_settings())
    run_stdio(house, KnowledgeIndex.open(house.knowledge_folder))


if __name__ == "__main__":
    main()
