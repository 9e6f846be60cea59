"""A desk tells an account once and then its changes; each verdict can still be decided again."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.contracts.ledger import run_together
from tests.desk.houses import House
from tests.doubles import CLOSE, day, order
from tests.execution import databases
from tools.desk.replaying import Accounts, replay
from tools.domain.errors import StateError
from tools.execution import audit, told
from tools.execution.codec import canonical
from tools.execution.ledger_postgres import PostgresLedger


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    """So that accounts with a single row are told by changes."""
    monkeypatch.setattr(told, "FEW", 1)
    monkeypatch.setattr(told, "TIMES", 20)


def trade(desk, name, **kw):
    return desk.approvals.approve(desk.proposals.propose(order(name, **kw)).id, "ana")


def busy(desk):
    """A journal with fills, orders that rest, one of the past, and a refusal."""
    trade(desk, "a", quantity="10")
    trade(desk, "r", quantity="5", limit="180")
    trade(desk, "b", quantity="3")
    desk.proposals.propose(order("past", quantity="5", as_of=day("2013-02-25") + CLOSE))
    desk.proposals.propose(order("big", quantity="9999"))


def verdicts(events):
    return [e for e in events if e.kind == "verdict"]


def changes(events):
    return [e for e in verdicts(events) if "since" in e.data["inputs"]["account"]]


def test_every_verdict_is_decided_again_though_most_tell_only_what_changed(house, desk):
    busy(desk)
    events = house.ledger().events()
    found = replay(events)
    assert (found.verdicts, found.same) == (8, 8)
    assert not found.differences
    assert not found.unreplayable
    assert len(changes(events)) > 4
    assert audit.verify(house.folder / "ledger.db").ok
    lines = [json.loads(line) for line in audit.export(house.folder / "ledger.db")]
    assert [line["data"] for line in lines] == [e.data for e in events]


def test_a_change_gives_back_the_very_account_that_was_judged(house, desk, monkeypatch):
    judged = []
    inner = type(desk.judge).judge

    def judge(self, *args, **kwargs):
        made = inner(self, *args, **kwargs)
        judged.append(canonical(made.events[-1][2]["inputs"]))
        return made

    monkeypatch.setattr(type(desk.judge), "judge", judge)
    busy(desk)
    accounts = Accounts()
    read = [canonical(accounts.inputs(e)) for e in verdicts(house.ledger().events())]
    assert [text for text in judged if text in read] == read


def test_desks_that_write_in_turns_tell_changes_of_each_other(house):
    desks = [house.desk(), house.desk()]
    for n in range(6):
        trade(desks[n % 2], f"t{n}", quantity=str(n + 1))
    events = house.ledger().events()
    found = replay(events)
    assert (found.same, found.differences) == (12, ())
    assert len(changes(events)) == 9  # all but the three on an account without a row


def test_a_start_goes_on_from_what_the_journal_told(house, desk):
    trade(desk, "a")
    trade(desk, "b", quantity="7")
    before = len(changes(house.ledger().events()))
    trade(house.desk(), "c", quantity="3")
    events = house.ledger().events()
    assert len(changes(events)) == before + 2
    assert replay(events).same == 6


def test_a_journal_with_whole_inputs_goes_on_with_changes(house, desk, monkeypatch):
    """As an older version left it."""
    monkeypatch.setattr(told, "FEW", 10_000)
    trade(desk, "a")
    trade(desk, "b", quantity="7")
    assert not changes(house.ledger().events())
    monkeypatch.setattr(told, "FEW", 1)
    trade(house.desk(), "c", quantity="3")
    events = house.ledger().events()
    assert len(changes(events)) == 2
    assert replay(events).same == 6


def test_a_verdict_on_an_account_that_is_missing_or_another_is_told_as_damage(house, desk):
    busy(desk)
    events = list(house.ledger().events())
    at = events.index(changes(events)[1])
    before = max(e.seq for e in verdicts(events[:at]))
    gone = [e for e in events if e.seq != before]
    found = replay(gone)
    assert found.differences
    assert found.differences[0].seq == events[at].seq
    assert "missing or another: the journal is damaged" in found.differences[0].sentence
    assert found.same + len(found.differences) == found.verdicts
    account = {**events[at].data["inputs"]["account"], "since": "f" * 64}
    inputs = {**events[at].data["inputs"], "account": account}
    other = replace(events[at], data={**events[at].data, "inputs": inputs})
    found = replay([*events[:at], other, *events[at + 1 :]])
    assert found.differences[0].seq == other.seq


def test_damage_ends_with_the_next_whole_account(house, desk, monkeypatch):
    monkeypatch.setattr(told, "TIMES", 3)
    for n in range(8):
        trade(desk, f"t{n}", quantity=str(n + 1))
        house.clock.real += timedelta(seconds=61)
    events = list(house.ledger().events())
    first = changes(events)[0]
    broken = {**first.data["inputs"]["account"], "positions": [[0, 99]]}
    inputs = {**first.data["inputs"], "account": broken}
    events[first.seq - 1] = replace(first, data={**first.data, "inputs": inputs})
    found = replay(events)
    assert 0 < len(found.differences) < 6
    assert found.same == found.verdicts - len(found.differences)


def test_a_desk_goes_on_from_an_account_that_it_cannot_read_with_a_whole_one(house, desk):
    trade(desk, "a")
    with house.ledger().transaction() as tx:
        last = verdicts(tx.events())[-1]
        broken = {**last.data["inputs"]["account"], "since": "0" * 64}
        inputs = {**last.data["inputs"], "account": broken}
        tx.append("verdict", last.order_id, {**last.data, "inputs": inputs})
    trade(house.desk(), "b", quantity="7")
    events = house.ledger().events()
    assert "since" not in verdicts(events)[-2].data["inputs"]["account"]
    assert len(replay(events).differences) == 1


def test_changes_are_told_and_read_back_in_postgresql(tmp_path, strict_skip):
    why = databases.reachable()
    if why:
        strict_skip(f"no PostgreSQL: {why}")
    house, schema = House(tmp_path), databases.new_schema()
    ledger = PostgresLedger(
        databases.URL, house.clock, keys=tmp_path / "k", heads=tmp_path / "h", schema=schema
    )
    try:
        busy(house.desk(ledger=ledger))
        events = ledger.events()
        assert len(changes(events)) > 4
        assert replay(events).same == 8
    finally:
        ledger.store.close()
        databases.drop(schema)


def test_threads_that_propose_at_once_tell_changes_of_each_other(house, desk):
    trade(desk, "first", quantity="3")
    works = [
        lambda n=n: desk.proposals.propose(order(f"t{n}", quantity=str(n + 1))) for n in range(12)
    ]
    run_together(works)
    events = house.ledger().events()
    found = replay(events)
    assert (found.verdicts, found.same) == (14, 14)
    assert len(changes(events)) >= 10


def test_what_a_full_disk_lost_is_never_referred_to(house):
    ledger = house.ledger()
    desk = house.desk(ledger=ledger)
    trade(desk, "a", quantity="3")
    trade(desk, "b", quantity="4")
    commit = ledger.store.commit

    def full(*args, **kwargs):
        ledger.store.rollback()
        raise StateError("the disk is full")

    ledger.store.commit = full
    for n in range(2):
        with pytest.raises(StateError, match="full"):
            desk.proposals.propose(order(f"lost{n}", quantity="5"))
    ledger.store.commit = commit
    trade(desk, "c", quantity="6")
    events = house.ledger().events()
    assert len(changes(events)) == 3
    found = replay(events)
    assert (found.same, found.differences) == (6, ())
