"""Group commit: writers that wait share one COMMIT, and each still stands or falls alone."""

import os
import threading

import pytest

from tests.contracts.ledger import run_together
from tests.doubles import END, FakeClock
from tests.execution.queueing import queue_behind_one
from tools.domain.errors import StateError
from tools.execution.ledger import SqliteLedger
from tools.execution.turns import MOST_TURNS, Turns


class Counting:
    """Stands for the database: what was begun and committed, and in which group."""

    def __init__(self, fails=False):
        self.groups, self.fails, self.afterwards = [], fails, 0

    def begin(self):
        return []

    def commit(self, group):
        if self.fails:
            raise StateError("the disk is full")
        self.groups.append(list(group))

    def then(self):
        self.afterwards += 1

    def turns(self, wait_s=30.0):
        return Turns(self.begin, self.commit, self.then, wait_s)


def test_those_in_the_queue_share_one_commit_in_their_order():
    database = Counting()
    turns, seen = database.turns(), []

    def write(n):
        with turns.turn() as group:
            seen.append(n)
            group.append(n)

    queue_behind_one(turns, [lambda n=n: write(n) for n in range(1, 9)])
    assert database.groups == [[0, *seen]]
    assert database.afterwards == 1


def test_nobody_is_told_before_the_commit():
    database = Counting()
    turns, told = database.turns(), []

    def write(n):
        with turns.turn() as group:
            group.append(n)
        told.append((n, n in database.groups[0]))

    queue_behind_one(turns, [lambda n=n: write(n) for n in range(1, 6)])
    assert sorted(told) == [(n, True) for n in range(1, 6)]


def test_a_commit_that_fails_fails_for_every_writer_of_its_group():
    database = Counting(fails=True)
    turns, failed = database.turns(), []

    def write(n):
        try:
            with turns.turn() as group:
                group.append(n)
        except StateError as error:
            failed.append((n, str(error)))

    with pytest.raises(StateError), turns.turn():
        pass
    database.fails = True
    run_together([lambda n=n: write(n) for n in range(8)])
    assert sorted(failed) == [(n, "the disk is full") for n in range(8)]
    database.fails = False
    write(9)
    assert database.groups == [[9]]


def test_no_process_keeps_the_database_for_more_than_so_many_turns():
    database = Counting()
    turns = database.turns()

    def write(n):
        with turns.turn() as group:
            group.append(n)

    queue_behind_one(turns, [lambda n=n: write(n) for n in range(1, MOST_TURNS + 20)])
    assert max(map(len, database.groups)) == MOST_TURNS
    assert sum(map(len, database.groups)) == MOST_TURNS + 20


def test_a_writer_whose_turn_does_not_come_says_so_and_holds_nobody_up():
    database = Counting()
    turns, done, busy = database.turns(wait_s=0.01), threading.Event(), []

    def waits():
        try:
            with turns.turn():
                pass
        except StateError as error:
            busy.append(str(error))
        done.set()

    with turns.turn() as group:
        thread = threading.Thread(target=waits)
        thread.start()
        done.wait()
        group.append(1)
    thread.join()
    assert "busy" in busy[0]
    with turns.turn() as group:
        group.append(2)
    assert database.groups == [[1], [2]]


def test_a_database_that_cannot_be_begun_lets_the_next_try():
    database = Counting()
    turns = database.turns()
    database.begin = None

    def refused():
        raise StateError("locked")

    turns._begin = refused
    with pytest.raises(StateError, match="locked"), turns.turn():
        pass
    turns._begin = list
    with turns.turn() as group:
        group.append(1)
    assert database.groups == [[1]]


def test_a_child_process_does_not_wait_for_its_parents_threads():
    turns = Counting().turns()
    with turns.turn():
        child = os.fork()
        if child == 0:
            with turns.turn():
                os._exit(7)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7


def test_a_full_disk_fails_the_group_and_the_next_one_finds_the_chain_whole(tmp_path):
    ledger = SqliteLedger(tmp_path / "ledger.db", FakeClock(END))
    pages = ledger.store.writer().execute("PRAGMA page_count").fetchone()[0]
    ledger.store.writer().execute(f"PRAGMA max_page_count={pages + 1:d}")
    failed = []

    def write(n):
        try:
            with ledger.transaction() as tx:
                tx.append("k", "o", {"n": n, "much": "x" * 20_000})
        except StateError as error:
            failed.append(str(error))

    run_together([lambda n=n: write(n) for n in range(4)])
    assert len(failed) == 4
    assert all("full" in said for said in failed)
    ledger.store.writer().execute("PRAGMA max_page_count=100000")
    write(1)
    assert [e.seq for e in SqliteLedger(tmp_path / "ledger.db", FakeClock(END)).events()] == [1]
