"""The HTTP service: one FastAPI app with the API, MCP and the page, opened over one floor."""

from __future__ import annotations

import logging
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi_swagger import patch_fastapi

from app.api import (
    approvals,
    asking,
    backtests,
    completions,
    features,
    market,
    market_socket,
    portfolio,
    replaying,
    status,
)
from app.api.errors import install as install_errors
from app.api.errors import install_not_found
from app.collecting import collecting
from app.composition import Floor, open_floor
from app.guard import Guard, host_names
from app.live import Playing, streaming
from app.upkeep import hearing, upkeep
from mcp_server.http import attach
from mcp_server.server import build_server
from tools.assembly import assemble, need_live, open_state
from tools.domain.errors import ConfigError, StateError
from tools.settings import Settings

logger = logging.getLogger(__name__)
GRACE_S = 3
"""How long an answer that is being sent may go on after Ctrl-C."""


def build_app(
    settings: Settings,
    *,
    page: bool = True,
    live: bool = False,
    playing: Playing | None = None,
    record: Path | None = None,
) -> FastAPI:
    """The app, not yet open; its lifespan opens the floor and the MCP session manager.

    The page can be left out: NiceGUI allows one per process. ``live`` arms it for real money, and
    ``playing`` is a replay that stands in for a live stream. ``record`` is a folder for what moves.
    """
    from app.knowledge import open_index

    need_live(settings, live=live)
    now, played = (playing.now, playing.played) if playing else (None, None)
    house = assemble(settings, live=live, now=now, played=played)
    index = open_index(house.knowledge_folder)
    served = build_server(house, index, principal="mcp:http")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with (
            open_floor(settings, house) as floor,
            served.session_manager.run(),
            upkeep(house.desk),
            hearing(house.desk),
            streaming(settings, house.clock, playing, record, house.market) as moving,
            collecting(settings),
        ):
            app.state.floor, app.state.live = floor, moving
            yield

    app = FastAPI(
        title="Tollgate",
        description="A trading desk that you talk to. No call here sends an order by itself.",
        version=served.version or "0",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    # The docs page with its script and style from this machine: FastAPI's own fetches them.
    patch_fastapi(app, redirect_from_root_to_docs=False)
    install_errors(app)
    for room in (
        asking,
        approvals,
        portfolio,
        market,
        features,
        market_socket,
        replaying,
        status,
        completions,
        backtests,
    ):
        app.include_router(room.router)
    app.include_router(backtests.pages)
    attach(app, served)
    install_not_found(app)

    def floor() -> Floor:
        opened: Floor = app.state.floor
        return opened

    if page:
        from app.chat.page import mount

        mount(app, floor, storage_secret=_storage_secret(settings.state))
    app.add_middleware(Guard, extra_hosts=host_names(settings.host, settings.allowed_hosts))
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


def run_server(
    settings: Settings,
    host: str,
    port: int,
    *,
    live: bool = False,
    playing: Playing | None = None,
    record: Path | None = None,
) -> None:
    """Serve until stopped; a taken port is told before anything is opened."""
    open_state(settings)
    with _listening(host, port) as listener:
        if host not in ("127.0.0.1", "localhost", "::1"):
            print(
                f"Warning: {host} can be reached from other machines, and there is no sign-in "
                f"yet: anyone who reaches it can approve orders. {_answered(settings, host)}",
                file=sys.stderr,
            )
        named = settings.model_copy(update={"host": host, "port": port})
        app = build_app(named, live=live, playing=playing, record=record)
        config = uvicorn.Config(
            app, log_level="warning", ws_max_size=2**20, timeout_graceful_shutdown=GRACE_S
        )
        _Announcing(config, f"http://{host}:{port}/").run(sockets=[listener])


def _answered(settings: Settings, host: str) -> str:
    names = ", ".join(sorted(host_names(host, settings.allowed_hosts)))
    return (
        f"Only requests to one of these host names are answered: {names}; name others in "
        f"TOLLGATE_ALLOWED_HOSTS."
    )


class _Announcing(uvicorn.Server):
    """Prints the address when the desk answers there, and not before; being stopped is no error."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Uvicorn raises the signal again after it has ended; here the end is the whole wish."""
        with super().capture_signals():
            try:
                yield
            finally:
                self._captured_signals.clear()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open, then tell."""
        await super().startup(sockets)
        if self.started:
            print(f"Tollgate is at {self._address}  (stop with Ctrl-C)", flush=True)


def _listening(host: str, port: int) -> socket.socket:
    """The bound socket; ConfigError when the address is taken or is none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        # Only listening refuses a port on which another program listens too.
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"can't listen on {host}:{port} ({error.strerror or error}). "
            f"Another program may use it: choose another with --port {port + 1} or TOLLGATE_PORT."
        ) from None
    return listener
