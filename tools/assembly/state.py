"""What a desk keeps beside its ledger: the state folder, caches, features, news, messages."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from tools.domain.errors import StateError
from tools.indicators import own
from tools.ports import Bus, Cache, Clock
from tools.settings import Settings

if TYPE_CHECKING:
    from tools.features.store import FeatureStore
    from tools.models.sentiment.kept import KeptTone


def open_state(settings: Settings) -> Path:
    """Make the state folder if there is none; raises StateError when it can't be written."""
    home = settings.state
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(home, os.W_OK | os.X_OK):
            raise PermissionError(f"{home} is read-only")
    except OSError as error:
        raise StateError(
            f"the state folder {home} can't be used ({error.strerror or error}). Make it writable, "
            f"or point TOLLGATE_HOME at a folder of your own."
        ) from None
    own.look_in(home / "indicators")
    return home


def open_cache(settings: Settings) -> Cache:
    """What is kept for a while: in Redis where the settings name one, else in this process."""
    from tools.cache import open_cache as open_

    return open_(settings.redis_url.get_secret_value() if settings.redis_url else None)


@lru_cache(maxsize=8)
def open_features(settings: Settings) -> FeatureStore:
    """Computed features, kept under the state folder and in the cache; one store a process."""
    from tools.features.store import FeatureStore

    return FeatureStore(settings.state / "features", open_cache(settings))


@lru_cache(maxsize=8)
def open_tone(settings: Settings) -> KeptTone:
    """The kept news and what scores them; what was scored once is known to the whole process."""
    from tools.market_data.documents.opening import open_kept
    from tools.models.sentiment.kept import KeptTone
    from tools.models.sentiment.opening import open_scorer

    return KeptTone(open_kept(settings), open_scorer(settings.sentiment))


def open_messages(settings: Settings, clock: Clock) -> Bus:
    """The bus that the settings name, under the desk's own name there; not yet started."""
    from tools.bus.naming import name_in
    from tools.bus.opening import open_bus

    url = settings.bus.get_secret_value() if settings.bus else None
    name = settings.bus_name or (name_in(settings.state, settings.account_name) if url else "")
    return open_bus(url, name, clock, settings.state)
