"""A Weaviate server: connected at the first use, its errors made into sentences.

Needs weaviate-client (the extra `weaviate`) and a server from 1.27 with REST and gRPC.
"""

from __future__ import annotations

import hashlib
import socket
import threading
import uuid
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rag_index.errors import BUILD, IndexCorrupt, KnowledgeIndexError, ServerGone
from rag_index.weaviate_rows import index_of_vectors, properties_of_class

GRPC_PORT = 50_051
INIT_S, QUERY_S, INSERT_S = 5, 20, 90


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens: REST and gRPC, each with or without TLS."""

    host: str
    port: int
    secure: bool
    grpc_host: str
    grpc_port: int
    grpc_secure: bool


def address_of(url: str, grpc_url: str | None = None) -> Address:
    """Read WEAVIATE_URL, and WEAVIATE_GRPC_URL where gRPC is elsewhere.

    Without the second, gRPC is on port 50051 of the same host, in Weaviate's own cloud on the host
    `grpc-…` at 443. Raises KnowledgeIndexError for an address that is none.
    """
    try:
        rest = urlsplit(url if "//" in url else f"http://{url}")
        secure = rest.scheme == "https"
        host, port = rest.hostname or "", rest.port or (443 if secure else 8080)
        if grpc_url:
            rpc = urlsplit(grpc_url if "//" in grpc_url else f"{rest.scheme}://{grpc_url}")
            safe = rpc.scheme in ("https", "grpcs")
            grpc_host, grpc_port = rpc.hostname or "", rpc.port or (443 if safe else GRPC_PORT)
        elif secure and host.endswith((".weaviate.cloud", ".weaviate.network")):
            grpc_host, grpc_port, safe = f"grpc-{host}", 443, True
        else:
            grpc_host, grpc_port, safe = host, GRPC_PORT, secure
    except ValueError:
        host = grpc_host = ""
    if not host or not grpc_host or rest.scheme not in ("http", "https"):
        raise KnowledgeIndexError(
            f"WEAVIATE_URL is no address of a server: {url!r}; "
            "write it like http://localhost:8080, or unset it"
        )
    return Address(host, port, secure, grpc_host, grpc_port, safe)


@dataclass(slots=True, weakref_slot=True)
class WeaviateServer:
    """One server with one connection; any number of threads may use it."""

    url: str
    api_key: str | None = field(default=None, repr=False)
    grpc_url: str | None = None
    _client: Any = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def home(self, folder: Path) -> Path:
        """Say where, below the folder of the index, this server's manifests lie."""
        return folder / f"weaviate-{hashlib.sha256(self.url.encode()).hexdigest()[:8]}"

    def prefix(self, home: Path) -> str:
        """Give the name that all of this home's collections on the server begin with.

        It is made once and kept, so that two desks may share a server and never each other's rows.
        """
        path = home / "library"
        if not path.exists():
            home.mkdir(parents=True, exist_ok=True)
            fresh = home / f"library.{uuid.uuid4().hex}"
            fresh.write_text(f"Tollgate_{uuid.uuid4().hex[:16]}", encoding="ascii")
            try:
                path.hardlink_to(fresh)  # whoever is first wins
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_text(encoding="ascii")

    @contextmanager
    def collection(self, name: str) -> Iterator[Any]:
        """Give the client's collection; its errors leave as sentences.

        Raises ServerGone if the server does not answer, IndexCorrupt if it has no such collection.
        """
        with self._answering(name) as client:
            yield client.collections.get(name)

    def create(self, name: str, description: str) -> None:
        """Make an empty collection, in the place of one that was left under this name."""
        with self._answering(name) as client:
            if client.collections.exists(name):
                client.collections.delete(name)
            client.collections.create(
                name,
                description=description,
                properties=properties_of_class(),
                vector_config=index_of_vectors(),
            )

    def drop(self, name: str) -> None:
        """Remove a collection, if there is one of this name."""
        with self._answering(name) as client:
            if client.collections.exists(name):
                client.collections.delete(name)

    def version(self) -> str:
        """Give the server's version; raises ServerGone if it does not answer."""
        with self._answering("") as client:
            return str(client.get_meta()["version"])

    def close(self) -> None:
        """End the connection; the next use begins a new one."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    @contextmanager
    def _answering(self, name: str) -> Iterator[Any]:
        client: Any = None
        weaviate, failures = _package()
        try:
            client = self._connected(weaviate)
            yield client
        except failures as error:
            line = (" ".join(str(error).split()) or type(error).__name__)[:200]
            code = getattr(error, "status_code", 0)
            if code in (401, 403) or "status code: 401" in line or "UNAUTHENTICATED" in line:
                raise ServerGone(
                    f"Weaviate at {self.url} refused the key: correct WEAVIATE_API_KEY"
                ) from error
            if client is not None and name and self._lost(client, name):
                raise IndexCorrupt(
                    f"Weaviate at {self.url} has no collection {name} (any more): {BUILD}"
                ) from error
            raise ServerGone(
                f"Weaviate at {self.url} does not answer as it should ({line}): start it, or unset "
                "WEAVIATE_URL to use the index on this machine; nothing is lost, and what was "
                "being added goes on with the next `tollgate knowledge add`"
            ) from error

    def _lost(self, client: Any, name: str) -> bool:
        """Say whether the server is there and the collection is not."""
        try:
            self._reach()
            return not client.collections.exists(name)
        except Exception:  # noqa: BLE001 (asked while another error is being told)
            return False

    def _connected(self, weaviate: Any) -> Any:
        self._reach()
        with self._lock:
            if self._client is None:
                self._client = self._connect(weaviate)
                weakref.finalize(self, self._client.close)
            return self._client

    def _reach(self) -> None:
        # The client would try a dead server again for a quarter of a minute before it says so.
        at = address_of(self.url, self.grpc_url)
        for host, port in ((at.host, at.port), (at.grpc_host, at.grpc_port)):
            socket.create_connection((host, port), timeout=INIT_S).close()

    def _connect(self, weaviate: Any) -> Any:
        from weaviate.classes.init import AdditionalConfig, Auth, Timeout

        at = address_of(self.url, self.grpc_url)
        return weaviate.connect_to_custom(
            http_host=at.host,
            http_port=at.port,
            http_secure=at.secure,
            grpc_host=at.grpc_host,
            grpc_port=at.grpc_port,
            grpc_secure=at.grpc_secure,
            auth_credentials=Auth.api_key(self.api_key) if self.api_key else None,
            additional_config=AdditionalConfig(
                timeout=Timeout(init=INIT_S, query=QUERY_S, insert=INSERT_S)
            ),
            # The checks ask the package index on the internet; the version is checked anyway.
            skip_init_checks=True,
        )


def _package() -> tuple[Any, tuple[type[Exception], ...]]:
    """Give the client's package, and what it raises."""
    try:
        import grpc
        import httpx
        import weaviate
        from weaviate.exceptions import WeaviateBaseError
    except ImportError as error:
        raise KnowledgeIndexError(
            "WEAVIATE_URL is set and weaviate-client is not installed: "
            "run `pip install 'tollgate[weaviate]'`, or unset it"
        ) from error
    return weaviate, (WeaviateBaseError, httpx.HTTPError, grpc.RpcError, OSError)
