"""Many hands at once: one decision, one send, one order."""

import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from tests.desk.houses import House
from tests.desk.passing import Passing
from tests.doubles import order
from tools.domain.errors import Conflict, StateError
from tools.domain.order import OrderState, TimeInForce

ROOT = Path(__file__).resolve().parents[2]
S = OrderState


class Counting(Passing):
    def __init__(self, inner):
        self.inner, self.sent = inner, 0

    def submit(self, wish, worst_price=None, *, at=None):
        self.sent += 1
        return self.inner.submit(wish, worst_price, at=at)


class Full(Passing):
    """A ledger on a disk that is full: what is there can be read."""

    def __init__(self, inner):
        self.inner, self.full = inner, False

    def transaction(self, fence=None):
        if self.full:
            raise StateError("the disk is full")
        return self.inner.transaction(fence)


def at_once(count, work):
    """Run ``work(n)`` in many threads that start together; what each returned or raised."""
    results = [None] * count
    gate = threading.Barrier(count)

    def one(n):
        gate.wait()
        try:
            results[n] = work(n)
        except Conflict as error:
            results[n] = error

    threads = [threading.Thread(target=one, args=(n,)) for n in range(count)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    return results


def test_twenty_threads_and_two_processes_approve_and_one_sends(tmp_path):
    house = House(tmp_path)
    broker = Counting(house.venue())
    desk = house.desk(broker=broker)
    record = desk.proposals.propose(order())
    command = [sys.executable, "-m", "tests.desk.approving", str(tmp_path), record.id]
    others = [
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for process in others:
        assert process.stdout.readline() == "ready\n"
    for process in others:
        process.stdin.write("go\n")
        process.stdin.flush()
    results = at_once(20, lambda n: desk.approvals.approve(record.id, f"person {n}"))
    said = [process.communicate(timeout=60)[0] for process in others]
    won = [r for r in results if not isinstance(r, Conflict)]
    assert len(won) + sum(text == "filled" for text in said) == 1
    assert sum(text == "conflict" for text in said) >= 1
    assert broker.sent == len(won)
    events = [e.kind for e in house.ledger().events()]
    assert (events.count("approved"), events.count("send_intent")) == (1, 1)
    assert desk.proposals.get(record.id).filled == 50
    losers = [str(r) for r in results if isinstance(r, Conflict)]
    assert all("decided already" in text for text in losers)


def test_many_propose_the_same_intent_and_one_order_is_made(tmp_path):
    house = House(tmp_path)
    desks = [house.desk() for _ in range(8)]
    records = at_once(8, lambda n: desks[n].proposals.propose(order()))
    assert len({r.history for r in records}) == 1
    kinds = [e.kind for e in house.ledger().events() if e.order_id]
    assert kinds == ["proposed", "verdict"]


def test_approve_reject_and_cancel_at_once_have_one_winner(tmp_path):
    desk = House(tmp_path).desk()
    for n in range(5):
        record = desk.proposals.propose(order(f"w{n}", quantity=str(5 + n)))
        calls = [
            lambda r=record: desk.approvals.approve(r.id, "ana"),
            lambda r=record: desk.approvals.reject(r.id, "bo"),
            lambda r=record: desk.proposals.cancel(r.id, "cy"),
        ]
        at_once(3, lambda k, calls=calls: calls[k]())
        history = [e.kind for e in desk.proposals.get(record.id).history]
        assert sum(kind in ("approved", "declined") for kind in history) <= 1
        state = desk.proposals.get(record.id).state
        assert state in (S.FILLED, S.DECLINED, S.CANCELED)
        assert ("send_intent" in history) == (state is S.FILLED)


def test_two_orders_approved_at_once_never_spend_the_same_room(tmp_path):
    house = House(tmp_path)
    desk = house.desk()
    records = [desk.proposals.propose(order(f"w{n}", quantity=str(70 + n))) for n in range(4)]
    at_once(4, lambda n: desk.approvals.approve(records[n].id, "ana"))
    seen = desk.proposals.snapshot()
    # Any two together would be more than a quarter of the account at their worst price.
    assert 70 <= seen.held("IBM") <= 73


def test_a_live_sender_is_left_alone_and_a_dead_one_is_not(tmp_path):
    house = House(tmp_path)
    desk = house.desk()
    record = desk.proposals.propose(order())
    key = record.order.client_order_id
    with desk.journal.writing() as page:
        page.write("approved", key, {"approver": "ana"})
    with house.ledger().lease("another process", 60):
        assert house.desk().recover() == ()
        assert desk.proposals.get(record.id).state is S.APPROVED
    (settled,) = desk.recover()
    assert settled.state is S.FILLED


def test_a_sender_that_slept_past_its_lease_writes_no_intent_and_sends_nothing(tmp_path):
    """Two app instances: the one whose token isn't the newest stops before the venue."""
    house = House(tmp_path)
    broker = Counting(house.venue())
    desk = house.desk(broker=broker)
    record = desk.proposals.propose(order())
    key = record.order.client_order_id
    with desk.journal.writing() as page:
        page.write("approved", key, {"approver": "ana"})
    with desk.sending.turn(1) as mine:
        assert mine
        house.clock.real += timedelta(seconds=90)
        desk.agree()
        with house.ledger().lease("another instance", 60):
            assert desk.sending.send(key).state is S.APPROVED
    assert broker.sent == 0
    assert "send_intent" not in [e.kind for e in house.ledger().events()]
    (done,) = desk.recover()
    assert (done.state, broker.sent) == (S.FILLED, 1)


def test_a_busy_sender_blocks_no_cancel_and_passes_it_on_itself(tmp_path):
    house = House(tmp_path)
    broker = Counting(house.venue())
    desk = house.desk(broker=broker)
    wish = order(limit="180", tif=TimeInForce.GTC)
    record = desk.proposals.propose(wish)
    heard = []
    submit = broker.inner.submit

    def slow(wish, worst_price=None, *, at=None):
        heard.append(house.desk().proposals.cancel(record.id, "bo"))
        return submit(wish, worst_price, at=at)

    broker.inner.submit = slow
    assert desk.approvals.approve(record.id, "ana").state is S.CANCELED
    (asked,) = heard
    assert (asked.state, asked.cancel_requested) == (S.SEND_INTENT, True)
    assert "passed on" in asked.sentence


def test_a_cancel_reaches_the_venue_even_when_the_ledger_cannot_be_written(tmp_path):
    house = House(tmp_path)
    full = Full(house.ledger())
    desk = house.desk(ledger=full)
    wish = order(limit="180", tif=TimeInForce.GTC)
    record = desk.approvals.approve(desk.proposals.propose(wish).id, "ana")
    full.full = True
    with pytest.raises(StateError, match="the venue was asked to cancel"):
        desk.proposals.cancel(record.id, "ana")
    assert house.venue().lookup(record.order.client_order_id).state is S.CANCELED
    for act in (
        lambda: desk.proposals.propose(order("n")),
        lambda: desk.approvals.approve(record.id, "ana"),
    ):
        with pytest.raises((StateError, Conflict)):
            act()
    full.full = False
    desk.refresh()
    assert desk.proposals.get(record.id).state is S.CANCELED
