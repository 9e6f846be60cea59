"""Every cache passes the same exam; a Redis that goes away is an empty cache and no error."""

import os
import socket
import subprocess
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.cache import CacheContract
from tools.cache import open_cache
from tools.cache.memory import MemoryCache
from tools.domain.errors import ConfigError

REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")


class Seconds:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now

    def go(self, seconds):
        self.now += seconds


@pytest.fixture
def seconds():
    return Seconds()


class TestMemory(CacheContract):
    @pytest.fixture
    def cache(self, seconds):
        return MemoryCache(tick=seconds)

    @pytest.fixture
    def wait(self, seconds):
        return seconds.go

    def test_the_least_recently_used_makes_room(self, seconds):
        cache = MemoryCache(largest=12, tick=seconds)
        for key in "abc":
            cache.put(key, b"123", 60)
        cache.get("a")
        cache.put("d", b"123", 60)
        assert [key for key in "abcd" if cache.get(key)] == ["a", "c", "d"]

    def test_what_is_larger_than_all_room_is_not_kept(self, seconds):
        cache = MemoryCache(largest=12, tick=seconds)
        cache.put("a", b"12", 60)
        cache.put("b", b"1" * 12, 60)
        assert (cache.get("a"), cache.get("b")) == (b"12", None)

    @given(
        st.lists(st.tuples(st.sampled_from("abcdef"), st.binary(max_size=9), st.floats(-1, 9))),
        st.integers(0, 30),
    )
    def test_never_holds_more_than_it_may(self, puts, largest):
        cache = MemoryCache(largest=largest, tick=Seconds())
        for key, value, lasts in puts:
            cache.put(key, value, lasts)
            held = sum(
                len(key) + len(found) for key in "abcdef" if (found := cache.get(key)) is not None
            )
            assert held == cache._size <= largest


@pytest.fixture(scope="module")
def redis_url(strict_skip):
    import redis

    try:
        redis.Redis.from_url(REDIS, socket_connect_timeout=1).ping()
    except redis.RedisError as error:
        strict_skip(f"no Redis server for tests ({type(error).__name__}); set TEST_REDIS_URL")
    return REDIS


class TestRedis(CacheContract):
    @pytest.fixture
    def cache(self, redis_url, monkeypatch):
        from tools.cache import redis as module

        space = f"tollgate:test:{uuid.uuid4().hex}:"
        monkeypatch.setattr(module, "SPACE", space)
        cache = open_cache(redis_url)
        yield cache
        for key in cache._client.scan_iter(f"{space}*"):
            cache._client.delete(key)

    @pytest.fixture
    def wait(self, redis_url):
        import redis

        # Redis keeps its own time: it answers a list that stays empty after so much of it.
        with redis.Redis.from_url(redis_url) as client:
            yield lambda seconds: client.blpop(uuid.uuid4().hex, timeout=seconds)

    def test_two_processes_share_it(self, cache, redis_url):
        cache.put("a", b"1", 60)
        assert open_cache(redis_url).get("a") == b"1"


@pytest.fixture
def own_redis(strict_skip, tmp_path):
    """A server that a test may stop: started by ``start()``, on a port of its own."""
    from shutil import which

    program = which("redis-server")
    if program is None:
        strict_skip("redis-server is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = []

    def start():
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        running.append(process)
        for line in process.stdout:
            if "Ready to accept connections" in line:
                break
        return process

    yield f"redis://127.0.0.1:{port}/0", start
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_redis_that_goes_away_and_comes_back(own_redis, seconds):
    from tools.cache.redis import AWAY_S, RedisCache

    url, start = own_redis
    process = start()
    cache = RedisCache(url, tick=seconds)
    cache.put("a", b"1", 60)
    assert cache.get("a") == b"1"
    process.kill()
    process.wait()
    cache.put("a", b"2", 60)
    assert cache.get("a") is None
    cache.delete("a")
    start()
    assert cache.get("a") is None, "it is left alone for a while"
    seconds.go(AWAY_S)
    cache.put("a", b"3", 60)
    assert cache.get("a") == b"3"


def test_a_redis_that_says_nothing_costs_one_wait(seconds):
    from time import monotonic

    from tools.cache.redis import SILENT_S, RedisCache

    with socket.create_server(("127.0.0.1", 0)) as silent:
        cache = RedisCache(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", tick=seconds)
        before = monotonic()
        assert [cache.get("a") for _ in range(50)] == [None] * 50
        assert monotonic() - before < 20 * SILENT_S


def test_an_address_that_is_none_is_told_without_the_password():
    with pytest.raises(ConfigError, match="REDIS_URL") as told:
        open_cache("http://:secret@127.0.0.1/0")
    assert "secret" not in str(told.value)
