"""The feeds that want a key, built from the settings; Alpaca's is built beside its broker."""

from __future__ import annotations

from tools.clock import SystemClock
from tools.domain.errors import ConfigError
from tools.market_data.feeds.feed import EconomicFeed, Feed, OptionFlowFeed
from tools.ports import Clock
from tools.settings import FeedChoice, Settings


def named_feeds(settings: Settings, clock: Clock) -> dict[str, Feed]:
    """The other feeds that the settings want and have the keys for, by the settings' names.

    Raises ConfigError when one is asked for by name without its key or its client.
    """
    found: dict[str, Feed] = {}
    key = settings.polygon_api_key
    if settings.feed in (FeedChoice.POLYGON, FeedChoice.AUTO) and key is not None:
        try:
            from tools.market_data.feeds.polygon import PolygonFeed
        except ModuleNotFoundError as error:
            if settings.feed is FeedChoice.AUTO:
                return found
            raise ConfigError(
                f"TOLLGATE_FEED is polygon, but {error.name} is not installed: install Tollgate "
                "with its extra `polygon`"
            ) from None
        found["polygon"] = PolygonFeed(key.get_secret_value(), clock)
    elif settings.feed is FeedChoice.POLYGON:
        raise ConfigError(
            "The feed is set to polygon: set POLYGON_API_KEY, or choose another with TOLLGATE_FEED."
        )
    return found


def economic_feed(settings: Settings) -> EconomicFeed:
    """Series of the economy, guarded; raises ConfigError without a key."""
    if settings.fred_api_key is None:
        raise ConfigError("Series of the economy come from FRED: set FRED_API_KEY (it is free).")
    from tools.market_data.feeds.fred import FredFeed
    from tools.market_data.feeds.resilience.guard import guarded

    clock = SystemClock()
    feed = FredFeed(settings.fred_api_key.get_secret_value(), clock)
    return guarded(feed, clock, state=settings.state, yields=False)


def flow_feed(settings: Settings) -> OptionFlowFeed:
    """Large option trades, guarded; raises ConfigError without a key."""
    if settings.unusual_whales_api_key is None:
        raise ConfigError(
            "Large option trades come from Unusual Whales: set UNUSUAL_WHALES_API_KEY."
        )
    from tools.market_data.feeds.resilience.guard import guarded
    from tools.market_data.feeds.unusual_whales import UnusualWhalesFeed

    clock = SystemClock()
    feed = UnusualWhalesFeed(settings.unusual_whales_api_key.get_secret_value(), clock)
    return guarded(feed, clock, state=settings.state, yields=False)
