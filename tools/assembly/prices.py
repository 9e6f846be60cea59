"""The feeds that the settings name, for prices now and then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.clock import SystemClock
from tools.domain.errors import ConfigError
from tools.market_data.feeds import opening
from tools.market_data.feeds.feed import Feed, StreamingFeed
from tools.market_data.market import Market
from tools.ports import Clock
from tools.settings import BrokerChoice, FeedChoice, Settings

if TYPE_CHECKING:
    from tools.streaming.routing import Routed

economic_feed, flow_feed = opening.economic_feed, opening.flow_feed


def build_market(settings: Settings) -> Market:
    """The feeds in the order that the settings ask for."""
    from tools.market_data.market import build_market as build

    clock = SystemClock()
    feed, data, state = settings.feed, settings.data, settings.state
    real, named = alpaca(settings, clock), opening.named_feeds(settings, clock)
    return build(feed, data, state, clock, real, named, settings.prices_kept_in)


def alpaca(settings: Settings, clock: Clock) -> Feed | None:
    """Alpaca's prices where the settings want them and have the keys, else None.

    Raises ConfigError when they are asked for by name and alpaca-py isn't installed.
    """
    wanted = settings.feed in (FeedChoice.ALPACA, FeedChoice.AUTO)
    key, secret = settings.apca_api_key_id, settings.apca_api_secret_key
    if not wanted or key is None or secret is None:
        return None
    try:
        from tools.alpaca_session import DATA_URL, LIVE_URL, PAPER_URL, Keys
        from tools.market_data.feeds.alpaca import AlpacaFeed
    except ModuleNotFoundError as error:
        if settings.feed is FeedChoice.AUTO:
            return None
        raise ConfigError(
            f"TOLLGATE_FEED is alpaca, but {error.name} is not installed: install Tollgate with "
            "its extra `alpaca`"
        ) from None
    live = settings.broker is BrokerChoice.ALPACA_LIVE
    return AlpacaFeed(
        Keys(key.get_secret_value(), secret.get_secret_value()),
        clock,
        settings.state,
        stock_feed=settings.alpaca_feed,
        trading_url=settings.apca_api_base_url or (LIVE_URL if live else PAPER_URL),
        data_url=settings.apca_api_data_url or DATA_URL,
    )


def live_stream(settings: Settings) -> Routed | None:
    """The feeds with a stream that the settings want and have the keys for, None without any."""
    from tools.streaming.routing import Routed

    clock = SystemClock()
    named = opening.named_feeds(settings, clock).values()
    feeds: tuple[object, ...] = (alpaca(settings, clock), *named)
    able = [feed for feed in feeds if isinstance(feed, StreamingFeed)]
    return Routed(able) if able else None
