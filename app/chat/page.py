"""The page at ``/``: mounted on the server's own FastAPI app, over the floor it opens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from nicegui import ui

from agents.conversation import SESSION, new_session
from app.chat import theme
from app.chat.board import Watch
from app.chat.rooms import Rooms
from app.chat.tab import Tab

if TYPE_CHECKING:
    from app.composition import Floor


def mount(app: FastAPI, floor: Callable[[], Floor], *, storage_secret: str) -> None:
    """Register the page and hand the app to NiceGUI; call it last, after every other route.

    ``floor`` gives the open floor once the app has started. Work under way is stopped before the
    app's own lifespan closes the floor.
    """
    rooms = Rooms(lambda: floor().conversation)
    watch = Watch(lambda: floor().house)
    opened = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Any]:
        async with opened(app) as state:
            try:
                yield state
            finally:
                await rooms.close()

    app.router.lifespan_context = lifespan

    @ui.page("/", response_timeout=10)
    async def page(session: str = "") -> None:
        known = session if SESSION.match(session) else new_session()
        theme.apply()
        replay = app.state.live.playing is not None
        Tab(await rooms.enter(known), rooms, watch, lambda: floor().house, replay=replay)
        if known != session:
            # In the address, so that a reload or a second tab finds the same conversation.
            ui.navigate.history.replace(f"/?session={known}")

    ui.run_with(
        app,
        title="Tollgate",
        favicon=theme.FAVICON,
        dark=None,
        language="en-US",
        # The page brings its own style sheet: nothing is compiled in the browser.
        tailwind=False,
        storage_secret=storage_secret,
        show_welcome_message=False,
        # A laptop lid or a lift: the tab finds its place again without a reload.
        reconnect_timeout=20.0,
    )
