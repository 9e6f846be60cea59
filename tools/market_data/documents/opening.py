"""The sources of documents by name, and what each needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pydantic import SecretStr

from tools.clock import SystemClock
from tools.domain.errors import ConfigError, InputError
from tools.market_data.documents.feed import DocumentFeed
from tools.market_data.documents.kept import KeptDocuments
from tools.ports import Clock
from tools.settings import Settings, setting_name

Opened = Sequence[DocumentFeed]


@dataclass(frozen=True, slots=True)
class Source:
    """A row of ``SOURCES``: ``open`` makes its feeds, unguarded, once all of ``needs`` are set.

    ``needs`` are names of fields of the settings. ``back`` is how far before now a question looks
    that names no moment, and ``ahead`` how far after: calendars tell what is to come. ``extra`` is
    the one to install for a package that ``open`` imports. ``news`` says that it has news or posts,
    ``archive`` that it has all of them that a span had, and not just the last, and ``behind`` how
    long after its moment one may come.
    """

    what: str
    needs: tuple[str, ...]
    open: Callable[[Settings, Clock], Opened]
    back: timedelta = timedelta(days=7)
    ahead: timedelta = timedelta(0)
    extra: str = ""
    news: bool = False
    archive: bool = False
    behind: timedelta = timedelta(0)

    def missing(self, settings: Settings) -> tuple[str, ...]:
        """Which of the settings that it needs are not set, as a person sets them."""
        unset = (name for name in self.needs if not getattr(settings, name))
        return tuple(setting_name(name) for name in unset)


def _rss(settings: Settings, clock: Clock) -> Opened:
    from tools.market_data.documents.rss import RssFeed, addresses

    written = settings.rss.get_secret_value() if settings.rss else ""
    return [RssFeed(address, clock) for address in addresses(written)]


def _edgar(settings: Settings, clock: Clock) -> Opened:
    from tools.market_data.documents.edgar import EdgarFeed

    return [EdgarFeed(settings.sec_contact or "", clock)]


def _newsapi(settings: Settings, clock: Clock) -> Opened:
    from tools.market_data.documents.newsapi import NewsApiFeed

    return [NewsApiFeed(_key(settings.newsapi_api_key), clock)]


def _alpaca(settings: Settings, clock: Clock) -> Opened:
    from tools.alpaca_session import DATA_URL, Keys
    from tools.market_data.documents.alpaca_news import AlpacaNewsFeed

    keys = Keys(_key(settings.apca_api_key_id), _key(settings.apca_api_secret_key))
    return [AlpacaNewsFeed(keys, clock, url=settings.apca_api_data_url or DATA_URL)]


def _reddit(settings: Settings, clock: Clock) -> Opened:
    from tools.market_data.documents.reddit import RedditFeed, subreddits

    keys = _key(settings.reddit_client_id), _key(settings.reddit_client_secret)
    named, agent = subreddits(settings.subreddits), settings.reddit_user_agent
    return [RedditFeed(*keys, clock, subreddits=named, user_agent=agent)]


def _economic(settings: Settings, clock: Clock) -> Opened:
    from tools.market_data.documents.economic_calendar import EconomicCalendarFeed

    return [EconomicCalendarFeed(_key(settings.fred_api_key), clock)]


def _earnings(settings: Settings, clock: Clock) -> Opened:
    from tools.market_data.documents.earnings_calendar import EarningsCalendarFeed

    return [EarningsCalendarFeed(_key(settings.finnhub_api_key), clock)]


def _key(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


SOURCES: dict[str, Source] = {
    "rss": Source(
        "entries of the RSS and Atom feeds that you name",
        ("rss",),
        _rss,
        extra="documents",
        news=True,
    ),
    "edgar": Source(
        "filings of companies in the USA, by symbol", ("sec_contact",), _edgar, timedelta(days=365)
    ),
    "newsapi": Source(
        "articles of many outlets, by symbol or words",
        ("newsapi_api_key",),
        _newsapi,
        news=True,
        archive=True,
        behind=timedelta(days=1),  # what a free key sees
    ),
    "alpaca-news": Source(
        "Benzinga's news by symbol, from Alpaca",
        ("apca_api_key_id", "apca_api_secret_key"),
        _alpaca,
        extra="alpaca",
        news=True,
        archive=True,
    ),
    "reddit": Source(
        "posts of the subreddits that you name",
        ("reddit_client_id", "reddit_client_secret"),
        _reddit,
        timedelta(days=2),
        extra="reddit",
        news=True,
    ),
    "economic-calendar": Source(
        "the days on which figures of the economy come out, from FRED",
        ("fred_api_key",),
        _economic,
        ahead=timedelta(days=30),
    ),
    "earnings-calendar": Source(
        "the days on which companies report, and what they reported, from Finnhub",
        ("finnhub_api_key",),
        _earnings,
        ahead=timedelta(days=14),
    ),
}


def source_named(name: str) -> Source:
    """The row of a source; InputError for a name that is none."""
    found = SOURCES.get(name.strip().lower())
    if found is None:
        there = ", ".join(SOURCES)
        raise InputError(f"There is no source {name[:30]!r} of documents; there is {there}.")
    return found


def open_kept(settings: Settings) -> KeptDocuments:
    """The documents that were fetched, whole, in the state folder."""
    return KeptDocuments(settings.state / "documents.db")


def open_documents(
    settings: Settings, name: str, clock: Clock | None = None
) -> tuple[DocumentFeed, ...]:
    """The feeds of a source, guarded: mostly one, of RSS one for each address.

    Raises InputError for an unknown name, ConfigError with what to set or to install.
    """
    from tools.market_data.feeds.resilience.guard import guarded

    source, clock = source_named(name), clock or SystemClock()
    missing = source.missing(settings)
    if missing:
        raise ConfigError(f"{name} gives {source.what}: set {' and '.join(missing)} first.")
    try:
        feeds = source.open(settings, clock)
    except ModuleNotFoundError as error:
        if not source.extra:
            raise
        raise ConfigError(
            f"{name} needs {error.name}, which is not installed: install Tollgate with its extra "
            f"`{source.extra}`."
        ) from None
    return tuple(guarded(feed, clock, state=settings.state, yields=False) for feed in feeds)
