"""The kill switch: blocked first and durably, canceled next, lifted by a person alone."""

import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.desk.houses import House
from tests.doubles import order
from tests.faults.life import WIDE
from tests.faults.venue import Venue
from tools.domain.errors import Conflict, InputError, OutcomeUnknown, StateError
from tools.domain.order import OrderState, Side, TimeInForce
from tools.execution.kinds import Kind
from tools.risk.mode import Mode

S = OrderState
ROOT = Path(__file__).resolve().parents[2]
RESTS = {"quantity": "1", "limit": "190", "tif": TimeInForce.GTC}


@pytest.fixture
def house(tmp_path):
    wide = replace(WIDE, max_open_per_symbol=200, max_open_per_account=200)
    return House(tmp_path, limits=wide)


@pytest.fixture
def venue(house):
    return Venue(house.folder / "double.db", house.clock)


@pytest.fixture
def desk(house, venue):
    return house.desk(broker=venue)


def sent(desk, intent="wish", **terms):
    wish = order(intent, **{**RESTS, **terms})
    return desk.approvals.approve(desk.proposals.propose(wish).id, "ana")


def hard(record):
    return {reason.code for reason in record.reasons if reason.hard}


class ReadOnly:
    """A ledger that can be read and no longer written."""

    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, name):
        return getattr(self.inner, name)

    @contextmanager
    def transaction(self, fence=None):
        raise StateError("the disk is full")
        yield


def test_a_drill_no_other_process_begins_to_send_once_halt_has_returned(house, venue, desk):
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.desk.drilling", str(house.folder)]
    other = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    assert other.stdout.readline() == "ready\n"
    desk.approvals.halt("ana", "a drill")
    end = other.stdout.readline().strip()
    assert other.wait(timeout=30) == 0
    assert end in {"denied", "approved", "canceled", "waits"}
    events = house.ledger().events()
    halted = max(event.seq for event in events if event.kind == Kind.MODE)
    assert [e for e in events if e.kind == Kind.SEND_INTENT and e.seq > halted] == []
    desk.refresh()
    assert venue.open_orders() == ()


def test_a_hundred_cancels_are_issued_within_a_second_and_all_are_asked_for(house, venue, desk):
    for n in range(100):
        sent(desk, f"w{n}")
    asked, cancel = [], venue.cancel
    venue.cancel = lambda key: (asked.append((key, time.monotonic())), cancel(key))[1]
    venue.cancel_all = lost
    began = time.monotonic()
    desk.approvals.halt("ana", "a drill")
    assert len({key for key, _ in asked}) == 100
    assert max(at for _, at in asked) - began < 1
    assert {record.state for record in desk.proposals.orders()} == {S.CANCELED}


def test_every_desk_is_blocked_while_the_venue_still_hangs_over_the_cancels(house, venue, desk):
    sent(desk)
    other = house.desk(broker=Venue(house.folder / "double.db", house.clock))
    waiting = other.proposals.propose(order("waits"))
    hangs = threading.Event()
    venue.cancel_all = hangs.wait
    halting = threading.Thread(target=desk.approvals.halt, args=("ana", "storm"))
    halting.start()
    try:
        until = time.monotonic() + 5
        while not (house.folder / "HALTED").exists() and time.monotonic() < until:
            pass
        assert other.approvals.mode() is Mode.HALTED
        assert hard(other.proposals.propose(order("next"))) >= {"G01"}
        with pytest.raises(Conflict, match="halted"):
            other.approvals.approve(waiting.id, "bo")
    finally:
        hangs.set()
        halting.join()


def test_cancels_that_the_venue_did_not_hear_are_asked_for_by_whoever_looks_next(
    house, venue, desk
):
    record = sent(desk)
    cancel, everything = venue.cancel, venue.cancel_all
    venue.cancel = venue.cancel_all = lost
    assert desk.approvals.halt("ana", "storm") is Mode.HALTED
    assert desk.proposals.get(record.id).state is S.ACCEPTED
    venue.cancel, venue.cancel_all = cancel, everything
    house.desk(broker=venue).refresh()
    assert desk.proposals.get(record.id).state is S.CANCELED


def test_a_read_only_ledger_or_full_disk_halts_by_the_file_and_still_cancels(house, venue, desk):
    record = sent(desk)
    broken = house.desk(broker=venue, ledger=ReadOnly(house.ledger()))
    assert broken.approvals.halt("ana", "storm") is Mode.HALTED
    assert venue.lookup(record.order.client_order_id).state is S.CANCELED
    assert house.desk(broker=venue).approvals.mode() is Mode.HALTED
    with pytest.raises(StateError):
        broken.approvals.resume("ana")
    assert desk.approvals.resume("ana") is Mode.ACTIVE


def test_without_a_journal_nothing_is_sent(house, venue, desk):
    record = desk.proposals.propose(order(**RESTS))
    broken = house.desk(broker=venue, ledger=ReadOnly(house.ledger()))
    with pytest.raises(StateError, match="disk is full"):
        broken.approvals.approve(record.id, "ana")
    assert venue.open_orders() == ()


def test_a_file_that_cannot_be_written_leaves_the_ledger_to_halt(house, venue, desk, monkeypatch):
    monkeypatch.setattr(desk.watch.switch, "turn_on", refuses)
    assert desk.approvals.halt("ana", "storm") is Mode.HALTED
    assert house.desk(broker=venue).approvals.mode() is Mode.HALTED


def test_a_halt_that_could_not_be_written_anywhere_says_so_and_still_cancels(
    house, venue, desk, monkeypatch
):
    record = sent(desk)
    broken = house.desk(broker=venue, ledger=ReadOnly(house.ledger()))
    monkeypatch.setattr(broken.watch.switch, "turn_on", refuses)
    with pytest.raises(StateError, match="Stop every tollgate process"):
        broken.approvals.halt("ana", "storm")
    assert venue.lookup(record.order.client_order_id).state is S.CANCELED


def test_a_person_without_the_program_halts_by_making_the_file(house, desk):
    (house.folder / "HALTED").touch()
    assert desk.approvals.mode() is Mode.HALTED
    assert "G01" in hard(desk.proposals.propose(order()))
    desk.approvals.resume("ana")
    assert not (house.folder / "HALTED").exists()
    assert desk.approvals.mode() is Mode.ACTIVE


def test_a_halt_outlasts_every_process_and_is_told_in_the_log(house, venue, desk, caplog):
    desk.approvals.halt("ana", "storm")
    assert house.desk(broker=venue).approvals.mode() is Mode.HALTED
    assert any("HALTED by ana: storm" in line for line in caplog.messages)


def test_a_halt_may_be_said_many_times_and_is_lifted_once(desk):
    for _ in range(3):
        assert desk.approvals.halt("ana", "storm") is Mode.HALTED
    assert desk.approvals.resume("ana") is Mode.ACTIVE
    assert desk.approvals.resume("ana") is Mode.ACTIVE


def test_resuming_keeps_in_the_journal_what_was_lifted(house, desk):
    desk.approvals.halt("ana", "storm")
    desk.approvals.resume("bo")
    last = [event for event in house.ledger().events() if event.kind == Kind.MODE][-1]
    assert (last.data["mode"], last.data["who"]) == ("ACTIVE", "bo")
    assert {said.split(":")[0] for said in last.data["cleared"]} == {"operator", "switch"}


@pytest.mark.parametrize("act", ["halt", "reduce_only", "resume"])
@pytest.mark.parametrize("who", ["agent:risk", "mcp:http", "", " "])
def test_no_program_moves_the_switch(desk, act, who):
    said = (who,) if act == "resume" else (who, "because")
    with pytest.raises(InputError):
        getattr(desk.approvals, act)(*said)


def test_reduce_only_lets_a_position_get_smaller_and_not_larger(desk):
    assert sent(desk, quantity="10", limit=None).state is S.FILLED
    assert desk.approvals.reduce_only("ana", "careful") is Mode.REDUCE_ONLY
    assert desk.approvals.mode() is Mode.REDUCE_ONLY
    assert "G01" in hard(desk.proposals.propose(order("more", quantity="1")))
    assert "G01" in hard(desk.proposals.propose(order("flip", side=Side.SELL, quantity="11")))
    assert sent(desk, "less", side=Side.SELL, quantity="4", limit=None).state is S.FILLED


def test_reduce_only_leaves_open_orders_and_never_loosens_a_halt(venue, desk):
    sent(desk)
    desk.approvals.reduce_only("ana", "careful")
    assert len(venue.open_orders()) == 1
    desk.approvals.halt("ana", "storm")
    desk.approvals.reduce_only("bo", "a little")
    assert desk.approvals.mode() is Mode.HALTED


def test_two_app_instances_see_each_others_switch_at_once(house, venue, desk):
    other = house.desk(broker=venue)
    desk.approvals.reduce_only("ana", "careful")
    assert other.approvals.mode() is Mode.REDUCE_ONLY
    other.approvals.resume("bo")
    assert desk.approvals.mode() is Mode.ACTIVE


def test_a_torn_journal_tail_starts_halted(house, venue, desk):
    def torn(*_, **__):
        raise StateError("event 3 was changed after it was written")

    desk.journal._ledger.events = torn
    assert desk.approvals.mode() is Mode.HALTED
    assert any("event 3" in word.sentence for word in desk.approvals.standing())
    with pytest.raises(StateError):
        desk.approvals.resume("ana")


def test_cancels_are_never_blocked_by_a_halt(venue, desk):
    record = sent(desk)
    venue_cancel = venue.cancel
    venue.cancel = venue.cancel_all = lost
    desk.approvals.halt("ana", "storm")
    venue.cancel = venue_cancel
    assert desk.proposals.cancel(record.id, "ana").state is S.CANCELED


def test_a_cause_that_stands_is_named_and_keeps_the_stop(house, desk):
    desk.approvals.halt("ana", "storm")
    house.clock.real -= timedelta(minutes=5)
    with pytest.raises(Conflict, match="clock"):
        desk.approvals.resume("ana")
    assert desk.approvals.mode() is Mode.HALTED


def lost(*_, **__):
    raise OutcomeUnknown("no answer")


def refuses(_):
    raise StateError("no room for the file")
