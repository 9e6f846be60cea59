"""What a desk does when it opens and while it stays open: settle orders and hear their news."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tools.desk import Desk
from tools.desk.news import Listening
from tools.domain.errors import StateError

logger = logging.getLogger(__name__)
EVERY_S = 30.0


def look_after(desk: Desk) -> None:
    """Settle what a killed process left, compare everything with the venue, sign the ledger."""
    desk.recover()
    desk.reconcile()
    try:
        desk.journal.publish()
    except StateError:
        logger.exception("the ledger's head could not be signed; its events are safe")


@asynccontextmanager
async def upkeep(desk: Desk, every_s: float = EVERY_S) -> AsyncIterator[None]:
    """Look after the desk every ``every_s`` seconds, in a thread, until the block ends."""
    task = asyncio.create_task(_again_and_again(desk, every_s))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def hearing(desk: Desk) -> AsyncIterator[None]:
    """Hear the venue's news until the block ends; what isn't heard, upkeep finds."""
    listening = await asyncio.to_thread(Listening, desk)
    try:
        yield
    finally:
        await asyncio.to_thread(listening.close)


async def _again_and_again(desk: Desk, every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        try:
            await asyncio.to_thread(look_after, desk)
        except Exception:
            # The next look may succeed; meanwhile everything else goes on.
            logger.exception("the orders could not be looked after")
