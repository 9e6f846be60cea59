from __future__ import annotations

import json
import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest

from tests.market_data.clocks import SetClock
from tools.market_data.feeds.reach import Reachability

NOON = datetime(2024, 6, 7, 12, 0, tzinfo=UTC)


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def reach_of(port, clock, memory=None):
    return Reachability("127.0.0.1", port, clock, memory)


def test_a_listening_port_is_reachable_and_a_closed_one_is_not(listener, closed_port):
    assert reach_of(listener.getsockname()[1], SetClock(NOON)).ok()
    assert not reach_of(closed_port, SetClock(NOON)).ok()


def test_a_verdict_lasts_ten_minutes_in_the_next_process_too(tmp_path, listener):
    clock, port = SetClock(NOON), listener.getsockname()[1]
    memory = tmp_path / "memory.json"
    reach_of(port, clock, memory).remember(False)
    clock.advance(timedelta(minutes=9, seconds=59))
    assert not reach_of(port, clock, memory).ok()
    clock.advance(timedelta(seconds=1))
    assert reach_of(port, clock, memory).ok()
    assert [path.name for path in tmp_path.iterdir()] == ["memory.json"]


def test_the_verdict_on_one_host_is_not_anothers(tmp_path, listener, closed_port):
    memory = tmp_path / "memory.json"
    reach_of(closed_port, SetClock(NOON), memory).remember(False)
    assert reach_of(listener.getsockname()[1], SetClock(NOON), memory).ok()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '{"at": 1}',
        '{"at": "2024-06-07T12:00:00", "host": "x"}',
        "\x00",
        "[" * 9999,
    ],
)
def test_a_corrupt_memory_does_no_harm(tmp_path, listener, content):
    memory = tmp_path / "memory.json"
    memory.write_text(content)
    port = listener.getsockname()[1]
    assert reach_of(port, SetClock(NOON), memory).ok()
    assert json.loads(memory.read_text())["reachable"] is True


def test_a_verdict_from_the_future_is_not_believed(tmp_path, listener):
    memory, port = tmp_path / "memory.json", listener.getsockname()[1]
    reach_of(port, SetClock(NOON + timedelta(days=1)), memory).remember(False)
    assert reach_of(port, SetClock(NOON), memory).ok()


def test_a_memory_that_cannot_be_written_does_no_harm(tmp_path, listener):
    (tmp_path / "file").write_text("")
    memory = tmp_path / "file" / "memory.json"
    assert reach_of(listener.getsockname()[1], SetClock(NOON), memory).ok()


def test_looking_up_a_name_forever_counts_as_unreachable(monkeypatch):
    stop = threading.Event()

    def refuse(*_):
        stop.wait(30)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", refuse)
    try:
        assert not Reachability("slow.invalid", 443, SetClock(NOON), None, timeout=0.05).ok()
    finally:
        stop.set()
