"""A Ray cluster gives what this process gives, and keeps to itself."""

from __future__ import annotations

import socket

import pytest

from tests.backtest.past import market
from tests.backtest.search.searched import BUYS, open_on, search, sized, swept
from tools.backtest.search.workers.cluster import Cluster
from tools.domain.errors import ConfigError

BARS = 60


@pytest.fixture
def ray(strict_skip, monkeypatch, tmp_path):
    try:
        import ray
    except ModuleNotFoundError:
        strict_skip("Ray is not installed (the extra `cluster`)")
    monkeypatch.setenv("HOME", str(tmp_path))  # where Ray keeps the token of its own clusters
    return ray


@pytest.mark.slow
def test_a_local_cluster_gives_what_one_process_gives(ray, tmp_path):
    addresses = []

    class Looked(Cluster):
        def _begin(self):
            count = super()._begin()
            addresses.extend(node["NodeManagerAddress"] for node in self._ray.nodes())
            return count

    own = search(sized(tmp_path, f"if SIZE == 2:\n    1 / 0\n{BUYS}"), {"size": "1,2,3"})
    cluster = Looked(open_on, BARS, "local", 1, pytest.fail)
    found = swept(tmp_path / "ray", market(BARS), own, cluster)
    assert found == swept(tmp_path / "1", market(BARS), own)
    assert "ZeroDivisionError" in found["failed"][0]["why"]
    assert addresses == ["127.0.0.1"]
    assert not ray.is_initialized()


def test_an_address_where_nobody_answers_is_a_sentence(ray, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and never listens
        port = taken.getsockname()[1]
        for address in (f"127.0.0.1:{port}", f"ray://127.0.0.1:{port}", "no address at all"):
            cluster = Cluster(open_on, BARS, address, None, pytest.fail)
            with pytest.raises(ConfigError, match="no cluster can be used there"):
                swept(tmp_path, market(BARS), search(), cluster)
