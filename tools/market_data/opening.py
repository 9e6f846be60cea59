"""The store of prices and the jobs that fill it, as the settings name them."""

from __future__ import annotations

from tools.clock import SystemClock
from tools.market_data.collection.book import JobBook
from tools.market_data.store.fetching import Fetcher
from tools.market_data.store.opening import open_fetcher
from tools.settings import Settings


def open_prices(settings: Settings) -> Fetcher:
    """The store, and what fills it; nothing is opened before it is used."""
    return open_fetcher(settings.state, settings.prices_kept_in, SystemClock())


def open_jobs(settings: Settings) -> JobBook:
    """The jobs that fetch by the clock, in the state folder."""
    return JobBook(settings.state / "collection.db")
