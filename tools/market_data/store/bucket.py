"""A bucket of S3, MinIO or the like as a place for files, through fsspec's s3fs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tools.domain.errors import ConfigError, StateError
from tools.market_data.store.files import Gone


class BucketFiles:
    """``s3://bucket/prefix``, or ``s3://key:secret@bucket/prefix?endpoint=http://host:9000``.

    Without a key and an endpoint those of the machine's own S3 configuration count (environment,
    profile, role). An object appears when it is whole. Raises ConfigError without s3fs.
    """

    def __init__(self, url: str) -> None:
        """Nothing is sent when made."""
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.hostname:
            raise ConfigError("the store's address is no bucket; it looks like s3://bucket/prefix")
        try:
            import s3fs
        except ModuleNotFoundError as error:
            raise ConfigError(
                f"TOLLGATE_MARKET_STORE is a bucket, but {error.name} is not installed: install "
                "Tollgate with its extra `s3`"
            ) from None
        bucket = parts.netloc.rpartition("@")[2]
        self._root = f"{bucket}/{parts.path.strip('/')}".rstrip("/")
        endpoint = parse_qs(parts.query).get("endpoint", [None])[0]
        # No listing is kept: another process may have written since.
        self._fs: Any = s3fs.S3FileSystem(
            key=unquote(parts.username) if parts.username else None,
            secret=unquote(parts.password) if parts.password else None,
            endpoint_url=endpoint,
            use_listings_cache=False,
            skip_instance_cache=True,
            config_kwargs={
                "connect_timeout": 5,
                "read_timeout": 30,
                "retries": {"max_attempts": 3},
            },
        )

    def __str__(self) -> str:
        return f"s3://{self._root}"

    @property
    def filesystem(self) -> tuple[Any, str]:
        """Fsspec's own object and the root in it, for SQL over the files."""
        return self._fs, self._root

    def names(self, folder: str) -> list[str]:
        """See ``Files``."""
        return [row["name"].rpartition("/")[2] for row in self._list(folder, "file")]

    def folders(self, folder: str) -> list[str]:
        """See ``Files``."""
        return [row["name"].rpartition("/")[2] for row in self._list(folder, "directory")]

    def read(self, name: str) -> bytes:
        """See ``Files``."""
        with self._sentences():
            try:
                found: bytes = self._fs.cat_file(f"{self._root}/{name}")
            except FileNotFoundError:
                raise Gone(name) from None
            return found

    def write(self, name: str, content: bytes) -> None:
        """See ``Files``."""
        with self._sentences():
            self._fs.pipe_file(f"{self._root}/{name}", content)

    def remove(self, name: str) -> None:
        """See ``Files``."""
        with self._sentences():
            try:
                self._fs.rm_file(f"{self._root}/{name}")
            except FileNotFoundError:
                return

    def _list(self, folder: str, kind: str) -> list[dict[str, Any]]:
        with self._sentences():
            try:
                rows = self._fs.ls(f"{self._root}/{folder}", detail=True, refresh=True)
            except FileNotFoundError:
                return []
            return [row for row in rows if row["type"] == kind]

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        """Turn what the service, its client and the network say into a StateError."""
        from aiohttp import ClientError
        from botocore.exceptions import BotoCoreError
        from botocore.exceptions import ClientError as Refused

        try:
            yield
        except (OSError, ClientError, BotoCoreError, Refused, TimeoutError) as error:
            raise StateError(
                f"the prices kept in {self} can't be reached ({type(error).__name__}: "
                f"{str(error)[:200]}). Check TOLLGATE_MARKET_STORE, the keys and the network."
            ) from None
