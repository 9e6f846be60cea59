"""What a person can set: by the desk, prices and knowledge; ``loading`` alone reads it."""

from tools.settings.choices import AlpacaFeedChoice, BrokerChoice, FeedChoice, OandaHost
from tools.settings.loading import Settings, environment_for, load_settings, setting_name
from tools.settings.prices import LIVE_FEATURES

__all__ = [
    "LIVE_FEATURES",
    "AlpacaFeedChoice",
    "BrokerChoice",
    "FeedChoice",
    "OandaHost",
    "Settings",
    "environment_for",
    "load_settings",
    "setting_name",
]
