"""The HTTP service: one FastAPI app with the API, MCP and the page, opened over one floor."""

from __future__ import annotations

import logging
import secrets
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from app.api import approvals, asking, completions, market, portfolio, status
from app.api.errors import install as install_errors
from app.composition import Floor, open_floor
from app.guard import Guard
from mcp_server.http import attach
from mcp_server.server import build_server
from tools.assembly import assemble, open_state
from tools.domain.errors import ConfigError, StateError
from tools.settings import Settings

logger = logging.getLogger(__name__)


def build_app(settings: Settings) -> FastAPI:
    """The app, not yet open; its lifespan opens the floor and the MCP session manager."""
    from app.chat.page import mount
    from app.knowledge import open_index

    house = assemble(settings)
    house.desk.refresh()
    index = open_index(house.knowledge_folder)
    served = build_server(house, index, principal="mcp:http")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_floor(settings, house) as floor, served.session_manager.run():
            app.state.floor = floor
            yield

    app = FastAPI(
        title="Tollgate",
        description="A trading desk that you talk to. No call here sends an order by itself.",
        version=served.version or "0",
        lifespan=lifespan,
    )
    install_errors(app)
    for room in (asking, approvals, portfolio, market, status, completions):
        app.include_router(room.router)
    attach(app, served)

    def floor() -> Floor:
        opened: Floor = app.state.floor
        return opened

    mount(app, floor, storage_secret=_storage_secret(settings.state))
    app.add_middleware(Guard, extra_host=settings.host)
    return app


def _storage_secret(home: Path) -> str:
    """The key of the page's cookies: made once, readable by the owner only."""
    path = home / "page.secret"
    try:
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32), "utf-8")
        return path.read_text("utf-8") or secrets.token_hex(32)
    except OSError as error:
        raise StateError(f"{path} can't be used ({error.strerror}). Make it writable.") from None


def run_server(settings: Settings, host: str, port: int) -> None:
    """Serve until stopped; a taken port is told before anything is opened."""
    open_state(settings)
    _check_port(host, port)
    if host not in ("127.0.0.1", "localhost", "::1"):
        print(
            f"Warning: {host} can be reached from other machines, and there is no sign-in yet: "
            f"anyone who reaches it can approve orders.",
            file=sys.stderr,
        )
    app = build_app(settings.model_copy(update={"host": host, "port": port}))
    print(f"Tollgate is at http://{host}:{port}/  (stop with Ctrl-C)", flush=True)
    uvicorn.run(app, host=host, port=port, log_level="warning", ws_max_size=2**20)


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as error:
        raise ConfigError(
            f"can't listen on {host}:{port} ({getattr(error, 'strerror', None) or error}). "
            f"Another program may use it: choose another with --port {port + 1} or TOLLGATE_PORT."
        ) from None
