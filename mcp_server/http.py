"""The server over streamable HTTP, inside an app that others own."""

from __future__ import annotations

from mcp.server.mcpserver import MCPServer
from starlette.applications import Starlette

PATH = "/mcp"


def attach(app: Starlette, server: MCPServer) -> None:
    """Serve ``server`` at ``/mcp``; the app's lifespan must run ``server.session_manager``.

    The routes are added to the app itself: a mount would answer the bare path with a redirect.
    """
    app.router.routes.extend(server.streamable_http_app(streamable_http_path=PATH).routes)
