"""A desk whose clock is a replay's: it sees no more than was played, and fills at its prices."""

from datetime import date
from decimal import Decimal

import pytest

from tests.doubles import order
from tools.assembly import assemble, build_market
from tools.domain.errors import InputError
from tools.domain.order import OrderState
from tools.settings import load_settings
from tools.streaming.playing import opened


@pytest.fixture
def replay():
    return opened(
        ["IBM"], "fast", build_market(load_settings()), start=date(2012, 6, 1), paused=True
    )[0]


@pytest.fixture
def step(replay):
    """Plays so many sessions, and comes back when they were heard."""
    import queue

    heard = queue.SimpleQueue()
    line = replay.stream((), heard.put)

    def go(count):
        replay.step(count)
        return [heard.get(timeout=30) for _ in range(count)][-1]

    yield go
    line.close()


def test_an_order_waits_and_fills_in_the_next_session_that_is_played(replay, step):
    today = step(3)
    desk = assemble(load_settings(), now=lambda: replay.moment).desk
    assert desk.clock.now() == today.known_at
    seen = desk.market.history("IBM", desk.clock.now()).bars[-1]
    assert (seen.session, seen.close) == (today.session, today.close)
    record = desk.proposals.propose(order(as_of=today.known_at))
    desk.approvals.approve(record.id, "ana")
    assert desk.proposals.get(record.id).state is not OrderState.FILLED
    tomorrow = step(1)
    desk.refresh()
    done = desk.proposals.get(record.id)
    assert done.state is OrderState.FILLED
    assert tomorrow.low <= done.average_price <= tomorrow.high
    assert abs(done.average_price / tomorrow.open - 1) < Decimal("0.01")


def test_a_position_is_worth_what_the_replay_says(replay, step):
    today = step(1)
    desk = assemble(load_settings(), now=lambda: replay.moment).desk
    record = desk.proposals.propose(order(as_of=today.known_at))
    desk.approvals.approve(record.id, "ana")
    for _ in range(3):
        bar = step(1)
        desk.refresh()
        (held,) = desk.proposals.snapshot().positions
        assert held.mark == bar.close


def test_the_future_of_the_replay_cannot_be_asked_about(replay, step):
    step(1)
    desk = assemble(load_settings(), now=lambda: replay.moment).desk
    later = replay.recording.row(5).known_at
    with pytest.raises(InputError, match="clock"):
        desk.proposals.propose(order(as_of=later))
