"""What is kept for a while, in this process or in Redis; to forget is never an error."""

from __future__ import annotations

from tools.cache.memory import MemoryCache
from tools.ports import Cache


def open_cache(redis_url: str | None = None) -> Cache:
    """Redis by its address, else the memory of this process.

    Nothing is opened when made. Raises ConfigError for an address that is none, or without the
    package.
    """
    if redis_url is None:
        return MemoryCache()
    from tools.cache.redis import RedisCache

    return RedisCache(redis_url)
