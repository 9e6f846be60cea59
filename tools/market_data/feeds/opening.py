"""The feeds that want a key, built from the settings; Alpaca's is built beside its broker."""

from __future__ import annotations

from tools.clock import SystemClock
from tools.domain.errors import ConfigError
from tools.market_data.feeds.feed import EconomicFeed, Feed, OptionFlowFeed
from tools.ports import Clock
from tools.settings import FeedChoice, OandaHost, Settings


def named_feeds(settings: Settings, clock: Clock) -> dict[str, Feed]:
    """The other feeds that the settings want and have the keys for, by the settings' names.

    Raises ConfigError when one is asked for by name without its key or its client.
    """
    builders = {
        FeedChoice.POLYGON: _polygon,
        FeedChoice.OANDA: _oanda,
        FeedChoice.ROBINHOOD: _robinhood,
        FeedChoice.CCXT: _ccxt,
    }
    built = {
        choice.value: build(settings, clock)
        for choice, build in builders.items()
        if settings.feed in (choice, FeedChoice.AUTO)
    }
    return {name: feed for name, feed in built.items() if feed is not None}


def _polygon(settings: Settings, clock: Clock) -> Feed | None:
    """None, where it isn't asked for by name, without its key or its client."""
    named, key = settings.feed is FeedChoice.POLYGON, settings.polygon_api_key
    if key is None:
        if not named:
            return None
        raise ConfigError(
            "The feed is set to polygon: set POLYGON_API_KEY, or choose another with TOLLGATE_FEED."
        )
    try:
        from tools.market_data.feeds.polygon import PolygonFeed
    except ModuleNotFoundError as error:
        if not named:
            return None
        raise ConfigError(
            f"TOLLGATE_FEED is polygon, but {error.name} is not installed: install Tollgate "
            "with its extra `polygon`"
        ) from None
    return PolygonFeed(key.get_secret_value(), clock)


def _oanda(settings: Settings, clock: Clock) -> Feed | None:
    """None, where it isn't asked for by name, without both its settings."""
    key, account = settings.oanda_api_key, settings.oanda_account_id
    if key is None or account is None:
        if settings.feed is not FeedChoice.OANDA:
            return None
        raise ConfigError(
            "The feed is set to oanda: set OANDA_API_KEY and OANDA_ACCOUNT_ID, or choose another "
            "with TOLLGATE_FEED."
        )
    from tools.market_data.feeds import oanda

    live = settings.oanda_host is OandaHost.LIVE
    return oanda.OandaFeed(
        key.get_secret_value(),
        account.get_secret_value(),
        clock,
        url=oanda.LIVE_URL if live else oanda.PRACTICE_URL,
        stream_url=oanda.LIVE_STREAM if live else oanda.PRACTICE_STREAM,
    )


def _robinhood(settings: Settings, clock: Clock) -> Feed | None:
    """None, where it isn't asked for by name, without both its settings. Its bars are Yahoo's."""
    key, private_key = settings.robinhood_api_key, settings.robinhood_private_key
    if key is None or private_key is None:
        if settings.feed is not FeedChoice.ROBINHOOD:
            return None
        raise ConfigError(
            "The feed is set to robinhood: set ROBINHOOD_API_KEY and ROBINHOOD_PRIVATE_KEY, or "
            "choose another with TOLLGATE_FEED."
        )
    from tools.market_data.feeds.robinhood import RobinhoodFeed
    from tools.market_data.feeds.yahoo import YahooFeed

    keys = key.get_secret_value(), private_key.get_secret_value()
    return RobinhoodFeed(*keys, clock, YahooFeed(clock, settings.state))


def _ccxt(settings: Settings, clock: Clock) -> Feed | None:
    """None, where it isn't asked for by name, without an exchange."""
    if settings.exchange is None:
        if settings.feed is not FeedChoice.CCXT:
            return None
        raise ConfigError(
            "The feed is set to ccxt: set TOLLGATE_EXCHANGE to an exchange such as binance, "
            "coinbase or kraken, or choose another with TOLLGATE_FEED."
        )
    try:
        from tools.market_data.feeds.ccxt import CcxtFeed
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"TOLLGATE_EXCHANGE is {settings.exchange}, but {error.name} is not installed: install "
            "Tollgate with its extra `ccxt`"
        ) from None
    return CcxtFeed(settings.exchange, clock)


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
