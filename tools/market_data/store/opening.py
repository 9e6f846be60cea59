"""The place that the settings name for prices."""

from __future__ import annotations

from pathlib import Path

from tools.domain.errors import ConfigError
from tools.market_data.store.fetching import Fetcher
from tools.market_data.store.store import MarketStore
from tools.ports import Clock


def market_folder(state: Path, where: str | None) -> Path:
    """The folder of this machine for prices, and for the locks of those kept elsewhere."""
    if where is None or "://" in where:
        return state / "market"
    return Path(where).expanduser()


def open_store(state: Path, where: str | None, clock: Clock) -> MarketStore:
    """A folder, ``s3://…`` or ``postgresql://…``; without any, ``market`` in the state folder.

    Nothing is opened or made before it is used. Raises ConfigError for another kind of address,
    and where a package for it is missing.
    """
    scheme = where.partition("://")[0] if where is not None and "://" in where else ""
    if scheme in ("postgresql", "postgres"):
        from tools.market_data.store.postgres import PostgresParts

        return MarketStore(PostgresParts(str(where)), clock)
    from tools.market_data.store.parquet import ParquetParts

    if scheme == "s3":
        from tools.market_data.store.bucket import BucketFiles

        return MarketStore(ParquetParts(BucketFiles(str(where))), clock)
    if scheme:
        raise ConfigError(
            f"TOLLGATE_MARKET_STORE begins with {scheme[:20]!r}: use a folder, s3://bucket/prefix "
            "or postgresql://user:password@host:5432/name"
        )
    from tools.market_data.store.files import LocalFiles

    return MarketStore(ParquetParts(LocalFiles(market_folder(state, where))), clock)


def open_fetcher(state: Path, where: str | None, clock: Clock) -> Fetcher:
    """What fills that store; its locks are on this machine."""
    locks = market_folder(state, where) / "locks"
    return Fetcher(open_store(state, where, clock), clock, locks)
