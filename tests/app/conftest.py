"""A running desk for the tests that need a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.running import Server, start


@pytest.fixture
def running(knowledge_home: Path) -> Iterator[Server]:
    """`tollgate serve` over this test's home."""
    server = start(knowledge_home)
    yield server
    server.stop()
