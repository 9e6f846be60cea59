"""The server on standard input and output, for an IDE."""

from __future__ import annotations

import signal
import threading

from mcp_server.server import build_server
from rag_index.search import KnowledgeIndex
from tools.assembly import House


def run_stdio(house: House, index: KnowledgeIndex) -> None:
    """Serve until the client closes; nothing but protocol goes to standard output."""
    if threading.current_thread() is threading.main_thread():
        # A thread waits for the next line and can't be called off: Ctrl-C ends the process itself.
        # What it was writing is whole or was never written.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    build_server(house, index, principal="mcp:stdio").run("stdio")
