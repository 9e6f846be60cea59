"""A cache in Redis, which several processes share. One that is away is a cache that is empty."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic
from typing import Any

from tools.domain.errors import ConfigError

logger = logging.getLogger(__name__)
SPACE = "tollgate:cache:"
# How long an answer may take: longer is slower than asking for the thing itself.
SILENT_S = 0.5
# How long nobody asks a server that didn't answer, so that its absence costs one wait and not many.
AWAY_S = 10.0


class RedisCache:
    """Implements ``tools.ports.Cache``; keys begin with ``tollgate:cache:``."""

    def __init__(self, url: str, tick: Callable[[], float] = monotonic) -> None:
        """``redis://:password@host:6379/0`` or ``rediss://…``; nothing is opened when made.

        ``tick`` counts seconds. Raises ConfigError, without the password, for another address.
        """
        try:
            import redis
        except ModuleNotFoundError:
            raise ConfigError(
                "REDIS_URL is set, but redis is not installed: install Tollgate with its extra "
                "`redis`"
            ) from None
        try:
            self._client: Any = redis.Redis.from_url(
                url, socket_timeout=SILENT_S, socket_connect_timeout=SILENT_S
            )
        except ValueError:
            raise ConfigError(
                "REDIS_URL is no address of Redis; it looks like redis://:password@host:6379/0"
            ) from None
        self._failures: tuple[type[Exception], ...] = (redis.RedisError, OSError)
        self._tick = tick
        self._away_until = 0.0

    def get(self, key: str) -> bytes | None:
        """What was put, None when it is gone or Redis doesn't answer."""
        found = self._try(lambda: self._client.get(SPACE + key))
        return found if isinstance(found, bytes) else None

    def put(self, key: str, value: bytes, seconds: float) -> None:
        """Keep it for at most ``seconds``; when Redis doesn't answer nothing is kept."""
        if seconds > 0:
            lasts = max(int(seconds * 1000), 1)
            self._try(lambda: self._client.set(SPACE + key, value, px=lasts))
        else:
            self.delete(key)

    def delete(self, key: str) -> None:
        """Forget it; what a Redis that doesn't answer still has ends with its own time."""
        self._try(lambda: self._client.delete(SPACE + key))

    def _try(self, work: Callable[[], object]) -> object:
        if self._tick() < self._away_until:
            return None
        try:
            return work()
        except self._failures as error:
            # The error's own words may hold the address with its password.
            logger.warning("Redis did not answer (%s); going on without it", type(error).__name__)
            self._away_until = self._tick() + AWAY_S
            return None
