"""The server on standard input and output, for an IDE."""

from __future__ import annotations

from mcp_server.server import build_server
from rag_index.search import KnowledgeIndex
from tools.assembly import House


def run_stdio(house: House, index: KnowledgeIndex) -> None:
    """Serve until the client closes; nothing but protocol goes to standard output."""
    build_server(house, index, principal="mcp:stdio").run("stdio")
