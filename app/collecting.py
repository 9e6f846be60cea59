"""Fetching by the clock while the desk runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING

from tools.settings import Settings

if TYPE_CHECKING:
    from tools.market_data.collection.collector import Collector, Texts
    from tools.market_data.collection.job import Job
    from tools.market_data.store.ranges import Span
    from tools.ports import Clock

logger = logging.getLogger(__name__)
EVERY_S = 20.0


def open_collector(settings: Settings) -> Collector:
    """What does the jobs' runs; feeds and store are opened for the first run that is due."""
    from tools.assembly import build_market
    from tools.clock import SystemClock
    from tools.market_data.collection.collector import Collector
    from tools.market_data.opening import open_jobs, open_prices

    feeds = cache(lambda: build_market(settings).sources())
    prices = cache(lambda: open_prices(settings))
    clock = SystemClock()
    return Collector(open_jobs(settings), feeds, prices, clock, texts_of(settings, clock))


def texts_of(settings: Settings, clock: Clock) -> Texts:
    """What fetches a job's documents into the knowledge index; each source stays open for more."""
    from app.documents import fetch, wanted_of
    from app.keeping import keeping
    from rag_index.errors import KnowledgeIndexError
    from tools.domain.errors import DataUnavailable
    from tools.market_data.documents.opening import open_documents

    opened = cache(lambda name: open_documents(settings, name, clock))

    def texts(job: Job, span: Span, goes_on: Callable[[], None]) -> tuple[int, Sequence[str]]:
        source = job.source or ""
        wanted = wanted_of(source, job.symbols, job.about, span.start, span.end)
        folder = settings.state / "knowledge"
        try:
            kept = keeping(settings, source)
            found = fetch(folder, opened(source), wanted, clock, lambda *_: goes_on(), kept)
        except KnowledgeIndexError as error:
            raise DataUnavailable(str(error)) from error
        return found.fresh, found.errors

    return texts


@asynccontextmanager
async def collecting(settings: Settings, every_s: float = EVERY_S) -> AsyncIterator[None]:
    """Do what is due every ``every_s`` seconds, in a thread, until the block ends.

    A run that goes on at the end is left to the next desk: what it fetched is kept, and the rest is
    fetched after its lease.
    """
    task = asyncio.create_task(_again_and_again(settings, every_s))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _again_and_again(settings: Settings, every_s: float) -> None:
    collector: Collector | None = None
    while True:
        await asyncio.sleep(every_s)
        # Without jobs nothing of this is even imported.
        if collector is None and not (settings.state / "collection.db").exists():
            continue
        try:
            if collector is None:
                collector = await asyncio.to_thread(open_collector, settings)
            await asyncio.to_thread(collector.run_due)
        except Exception:
            # The next look may succeed; meanwhile everything else goes on.
            logger.exception("the jobs that fetch prices and documents could not be done")
