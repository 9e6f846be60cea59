"""Many hands at once: one decision, one send, one order."""

import subprocess
import sys
import threading
from pathlib import Path

from filelock import FileLock

from tests.desk.houses import House
from tests.doubles import order
from tools.domain.errors import Conflict
from tools.domain.order import OrderState

ROOT = Path(__file__).resolve().parents[2]
S = OrderState


class Counting:
    unique_ids, simulated, name = True, True, "paper"

    def __init__(self, inner):
        self.inner, self.sent = inner, 0

    def submit(self, wish, worst_price=None, *, at=None):
        self.sent += 1
        return self.inner.submit(wish, worst_price, at=at)

    def lookup(self, key):
        return self.inner.lookup(key)

    def cancel(self, key):
        return self.inner.cancel(key)


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
    assert [e.kind for e in house.ledger().events()] == ["proposed", "verdict"]


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
    with FileLock(tmp_path / "sender.lock"):
        assert house.desk().recover() == ()
        assert desk.proposals.get(record.id).state is S.APPROVED
    (settled,) = desk.recover()
    assert settled.state is S.FILLED
