"""``tollgate serve`` (the page and the HTTP service) and ``tollgate mcp`` (stdio)."""

from __future__ import annotations

import gc
from typing import Annotated

import typer

from app.cli.output import LiveFlag


def serve(
    host: Annotated[str | None, typer.Option(help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="port to listen on", min=1, max=65535)] = None,
    live: LiveFlag = False,
) -> None:
    """Start the desk: the page, the HTTP API and MCP over HTTP."""
    from app.server import run_server
    from tools.settings import load_settings

    settings = load_settings()
    port = port if port is not None else settings.port
    run_server(settings, host or settings.host, port, live=live)


def mcp(live: LiveFlag = False) -> None:
    """Serve the tools to an IDE on standard input and output (Model Context Protocol)."""
    from app.knowledge import open_index
    from mcp_server.stdio import run_stdio
    from tools.assembly import assemble, need_live
    from tools.settings import load_settings

    settings = load_settings()
    need_live(settings, live=live)
    house = assemble(settings, live=live)
    # What was imported stays; from here on the process may live for days.
    gc.freeze()
    gc.enable()
    run_stdio(house, open_index(house.knowledge_folder))
