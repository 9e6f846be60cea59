from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.market_data.clocks import SetClock
from tests.market_data.resilience.scripted import NOON
from tools.domain.feed_health import CircuitState, FeedHealth
from tools.market_data.feeds.resilience.circuit import Circuit
from tools.market_data.feeds.resilience.policy import Policy

POLICY = Policy()


def opened(clock, memory=None):
    circuit = Circuit("x", clock, POLICY, memory)
    for _ in range(POLICY.failures):
        assert circuit.admit()
        circuit.failed("no")
    return circuit


def test_it_opens_after_three_failures_in_a_row_and_not_before():
    circuit = Circuit("x", SetClock(NOON), POLICY)
    for _ in range(2):
        circuit.failed("no")
    circuit.succeeded()
    for _ in range(2):
        circuit.failed("no")
        assert circuit.admit()
    circuit.failed("no")
    assert not circuit.admit()


def test_after_its_pause_one_caller_tries_and_the_others_wait():
    clock = SetClock(NOON)
    circuit = opened(clock)
    clock.advance(POLICY.pause)
    assert circuit.health().state is CircuitState.HALF_OPEN
    assert [circuit.admit() for _ in range(5)] == [True, False, False, False, False]
    circuit.succeeded()
    assert circuit.health().state is CircuitState.CLOSED
    assert circuit.admit()


def test_each_failed_trial_doubles_the_pause_up_to_the_longest():
    clock = SetClock(NOON)
    circuit, pauses = opened(clock), []
    for _ in range(8):
        until = circuit.health().retry_at
        pauses.append(until - clock.wall())
        clock.advance(until - clock.wall())
        assert circuit.admit()
        circuit.failed("still no")
    assert pauses[:3] == [POLICY.pause, POLICY.pause * 2, POLICY.pause * 4]
    assert pauses[-1] == POLICY.longest


def test_a_rate_limit_opens_it_at_once_for_as_long_as_it_says():
    clock = SetClock(NOON)
    circuit = Circuit("x", clock, POLICY)
    circuit.failed("429", timedelta(hours=1), limited=True)
    clock.advance(timedelta(minutes=59, seconds=59))
    assert not circuit.admit()
    clock.advance(timedelta(seconds=1))
    assert circuit.admit()


def test_a_trial_that_never_ends_does_not_lock_the_feed_away():
    clock = SetClock(NOON)
    circuit = opened(clock)
    clock.advance(POLICY.pause)
    assert circuit.admit()
    assert not circuit.admit()
    clock.advance(timedelta(minutes=1))
    assert circuit.admit()


def test_a_clock_that_is_set_back_does_not_lock_the_feed_away():
    clock = SetClock(NOON)
    circuit = opened(clock)
    clock.advance(timedelta(days=-30))
    assert circuit.admit()


def test_of_many_threads_one_tries():
    clock = SetClock(NOON)
    circuit = opened(clock)
    clock.advance(POLICY.pause)
    found, gate = [], threading.Barrier(16)

    def attempt():
        gate.wait(10)
        found.append(circuit.admit())

    threads = [threading.Thread(target=attempt) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert found.count(True) == 1


def test_the_next_process_knows_that_it_is_open(tmp_path):
    clock, memory = SetClock(NOON), tmp_path / "feeds" / "x.json"
    circuit = opened(clock, memory)
    again = Circuit("x", clock, POLICY, memory)
    assert not again.admit()
    assert again.health() == circuit.health()
    assert [path.name for path in memory.parent.iterdir()] == ["x.json"]


def test_the_memory_of_another_feed_is_not_believed(tmp_path):
    clock, memory = SetClock(NOON), tmp_path / "x.json"
    opened(clock, memory)
    assert Circuit("y", clock, POLICY, memory).health() == FeedHealth("y", CircuitState.CLOSED)


@pytest.mark.parametrize(
    "change",
    [
        {"failures": "3"},
        {"state": "ajar"},
        {"retry_at": "2024-06-07T12:00:00"},
        {"retry_at": 5},
        {"error": None},
        {"name": []},
    ],
)
def test_a_memory_that_was_changed_does_no_harm(tmp_path, change):
    clock, memory = SetClock(NOON), tmp_path / "x.json"
    opened(clock, memory)
    memory.write_text(json.dumps(json.loads(memory.read_text()) | change))
    assert Circuit("x", clock, POLICY, memory).admit()


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "[" * 9999, "\x00", "{}"])
def test_a_memory_that_is_no_memory_does_no_harm(tmp_path, content):
    memory = tmp_path / "x.json"
    memory.write_text(content)
    assert Circuit("x", SetClock(NOON), POLICY, memory).admit()


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path):
    (tmp_path / "file").write_text("")
    circuit = opened(SetClock(NOON), tmp_path / "file" / "x.json")
    assert circuit.health().state is CircuitState.OPEN


STEPS = st.lists(
    st.tuples(
        st.integers(0, 4000),  # seconds that go by
        st.sampled_from(["ok", "fail", "limited"]),
        st.one_of(st.none(), st.integers(0, 90_000)),
    ),
    max_size=60,
)


@given(STEPS)
def test_nothing_is_asked_before_the_moment_that_an_open_one_names(steps):
    clock = SetClock(NOON)
    circuit = Circuit("x", clock, POLICY)
    in_a_row = 0
    for seconds, outcome, retry_after in steps:
        clock.advance(timedelta(seconds=seconds))
        health = circuit.health()
        admitted = circuit.admit()
        if health.state is CircuitState.OPEN:
            assert not admitted
            assert clock.wall() < health.retry_at <= clock.wall() + POLICY.obeyed
            continue
        assert admitted
        if outcome == "ok":
            circuit.succeeded()
            in_a_row = 0
            continue
        told = None if retry_after is None else timedelta(seconds=retry_after)
        circuit.failed("no", told, limited=outcome == "limited")
        in_a_row += 1
        tried = health.state is CircuitState.HALF_OPEN
        must = tried or in_a_row >= POLICY.failures or outcome == "limited" or retry_after
        assert (circuit.health().state is CircuitState.OPEN) == bool(must)
        if told:
            assert circuit.health().retry_at >= clock.wall() + min(told, POLICY.obeyed)
