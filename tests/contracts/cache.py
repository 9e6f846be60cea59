"""The exam that every cache takes; subclass it and give it ``cache`` and ``wait``."""

from __future__ import annotations

import threading


class CacheContract:
    """``cache`` is empty; ``wait(seconds)`` lets so much of its time go by."""

    def test_gives_back_what_was_put(self, cache):
        for value in (b"", b"\x00\xff\n", b"x" * 100_000):
            cache.put("a", value, 60)
            assert cache.get("a") == value

    def test_what_was_never_put_is_none(self, cache):
        assert cache.get("nothing") is None

    def test_the_last_put_counts(self, cache):
        cache.put("a", b"1", 60)
        cache.put("a", b"2", 60)
        assert cache.get("a") == b"2"

    def test_what_was_deleted_is_gone(self, cache):
        cache.put("a", b"1", 60)
        cache.delete("a")
        cache.delete("a")
        assert cache.get("a") is None

    def test_its_time_ends(self, cache, wait):
        cache.put("short", b"1", 0.05)
        cache.put("long", b"2", 60)
        wait(0.06)
        assert cache.get("short") is None
        assert cache.get("long") == b"2"

    def test_no_time_at_all_forgets(self, cache):
        cache.put("a", b"1", 60)
        cache.put("a", b"2", 0)
        assert cache.get("a") is None

    def test_odd_keys_are_keys(self, cache):
        for key in ("", "a b", "ключ", "*", "a:b", "x" * 1000):
            cache.put(key, key.encode(), 60)
        for key in ("", "a b", "ключ", "*", "a:b", "x" * 1000):
            assert cache.get(key) == key.encode()

    def test_several_threads_get_along(self, cache):
        wrong = []

        def work(name):
            for i in range(50):
                cache.put(f"{name}{i % 5}", str(name).encode(), 60)
                if cache.get(f"{name}{i % 5}") not in {None, str(name).encode()}:
                    wrong.append(name)

        threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong
