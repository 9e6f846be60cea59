"""The walls around every test: a clean environment, a home of its own, and no network."""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import settings

# A busy machine is no defect (no deadline), and a merge is judged on the same examples each time.
settings.register_profile("tollgate", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("tollgate")

_KEYS = (
    "OPENAI_API_KEY", "OPENAI_BASE_URL", "DATABASE_URL", "REDIS_URL",
    "FINNHUB_API_KEY", "FRED_API_KEY", "NEWSAPI_API_KEY", "POLYGON_API_KEY",
    "UNUSUAL_WHALES_API_KEY",
)  # fmt: skip
_PREFIXES = ("APCA_", "OANDA_", "REDDIT_", "ROBINHOOD_", "TOLLGATE_", "WEAVIATE_")
_KEEP = ("TOLLGATE_TEST_STRICT",)


def _clean_environment() -> None:
    for name in list(os.environ):
        if (name in _KEYS or name.startswith(_PREFIXES)) and name not in _KEEP:
            del os.environ[name]
    os.environ["TOLLGATE_FEED"] = "sample"


# When this file is read: fixtures that live for the whole session are made before any test's own
# environment is, and must not see the person's keys or write into the person's home either.
_clean_environment()
_session_home = tempfile.TemporaryDirectory(prefix="tollgate-tests-")
os.environ["TOLLGATE_HOME"] = _session_home.name


class NetworkRefusedInTests(ConnectionRefusedError):
    """What a test gets for leaving this machine: the same as a machine without a network."""


def _is_local(family: int, address: Any) -> bool:
    if family == getattr(socket, "AF_UNIX", None):
        return True
    host = str(address[0]) if isinstance(address, tuple) else str(address)
    if host in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return False


def _refuse(family: int, address: Any) -> None:
    if not _is_local(family, address):
        message = f"tests make no connection outside this machine: {address!r}"
        raise NetworkRefusedInTests(message)


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Refuse every connection that leaves this machine; loopback and unix sockets stay."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(self: socket.socket, address: Any) -> None:
        _refuse(self.family, address)
        return connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        _refuse(self.family, address)
        return connect_ex(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        patch.setattr(socket.socket, "connect_ex", guarded_ex)
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_dotenv() -> Iterator[None]:
    """Read no `.env` of the person who runs the tests from the folder they run in."""
    from tools.settings import Settings

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Settings.model_config, "env_file", None)
        yield


@pytest.fixture
def tollgate_home(tmp_path: Path) -> Path:
    """Where this test's state lives.

    A folder of tests that shares one home (because filling it is slow) overrides this fixture in
    its own conftest with a wider scope; ``_own_environment`` follows.
    """
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def _own_environment(tollgate_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the test no keys, the sample feed and a home of its own, whatever ran before it."""
    for name in list(os.environ):
        if (name in _KEYS or name.startswith(_PREFIXES)) and name not in _KEEP:
            monkeypatch.delenv(name)
    monkeypatch.setenv("TOLLGATE_FEED", "sample")
    monkeypatch.setenv("TOLLGATE_HOME", str(tollgate_home))


@pytest.fixture(scope="session", autouse=True)
def _one_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let every desk that is opened in this process embed with one copy of the packaged model."""
    from rag_index import choosing, search
    from rag_index.embed import Embedder

    graphs = tmp_path_factory.mktemp("graphs")

    @cache
    def shared(threads: int) -> Embedder:
        return Embedder(threads=threads, graphs=graphs)

    def one(*, threads: int = 1, graphs: Path | None = None) -> Embedder:
        return shared(threads)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choosing, "Embedder", one)
        patch.setattr(search, "Embedder", one)
        yield


@pytest.fixture(scope="session")
def strict_skip() -> Callable[[str], NoReturn]:
    """Skip for want of a tool, but fail where everything must be there (TOLLGATE_TEST_STRICT=1)."""

    def skip(reason: str) -> NoReturn:
        if os.environ.get("TOLLGATE_TEST_STRICT") == "1":
            pytest.fail(f"would have been skipped: {reason}")
        pytest.skip(reason)

    return skip


@pytest.fixture(scope="session")
def built_knowledge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The knowledge index, built once for every test and every worker that only reads it."""
    from filelock import FileLock

    from rag_index.build import build_index

    mine = tmp_path_factory.getbasetemp()
    # Each worker has a folder of its own in the one of the whole run.
    folder = (mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine) / "built-knowledge"
    with FileLock(folder.with_suffix(".lock")):
        if not folder.exists():
            draft = tmp_path_factory.mktemp("draft")
            build_index(draft)
            shutil.move(draft, folder)
    return folder


@pytest.fixture
def knowledge_home(built_knowledge: Path, tollgate_home: Path) -> Path:
    """This test's home, with a copy of the built index in it."""
    shutil.copytree(built_knowledge, tollgate_home / "knowledge")
    return tollgate_home
