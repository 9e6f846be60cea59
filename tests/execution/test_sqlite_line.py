"""Processes that write one ledger stand in line, and nothing but fairness hangs on that."""

import fcntl
import os
import threading
from contextlib import suppress

import pytest

from tests.doubles import END, FakeClock
from tools.domain.errors import StateError
from tools.execution import sqlite_line
from tools.execution.ledger import SqliteLedger
from tools.execution.sqlite_line import Line


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.db"


def held(path, name):
    """Whether anybody has that lock."""
    with path.with_name(f".{path.name}.{name}").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def until(true):
    while not true():
        os.sched_yield()


def test_who_had_the_turn_takes_it_again_only_after_the_one_who_waits(path, monkeypatch):
    monkeypatch.setattr(sqlite_line, "PATIENCE_S", 30.0)
    mine, other, said = Line(path), Line(path), []

    def waits():
        other.enter()
        said.append("other")
        other.leave()

    mine.enter()
    thread = threading.Thread(target=waits)
    thread.start()
    until(lambda: held(path, "next"))
    assert said == []
    mine.leave()
    mine.enter()
    said.append("mine")
    thread.join()
    assert said == ["other", "mine"]
    mine.leave()
    assert not held(path, "turn")
    assert not held(path, "next")


def test_a_turn_that_does_not_come_is_gone_on_without(path, monkeypatch):
    monkeypatch.setattr(sqlite_line, "PATIENCE_S", 0.0)
    stuck, mine = Line(path), Line(path)
    stuck.enter()
    mine.enter()
    mine.leave()
    assert held(path, "turn")


def test_a_line_in_a_folder_that_is_not_there_holds_nobody_up(tmp_path):
    line = Line(tmp_path / "gone" / "ledger.db")
    line.enter()
    line.leave()


def test_a_child_process_neither_keeps_nor_ends_its_parents_turn(path):
    line = Line(path)
    line.enter()
    child = os.fork()
    if child == 0:
        line.leave()
        os._exit(0 if held(path, "turn") else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert held(path, "turn")
    line.leave()
    assert not held(path, "turn")


@pytest.mark.parametrize("ends", ["commits", "gives up", "finds the disk full", "reads"])
def test_every_way_to_end_a_transaction_lets_the_next_process_in(path, ends):
    ledger = SqliteLedger(path, FakeClock(END))
    if ends == "finds the disk full":
        writer = ledger.store.writer()
        pages = writer.execute("PRAGMA page_count").fetchone()[0]
        writer.execute(f"PRAGMA max_page_count={pages:d}")
    seen = []
    with suppress(ZeroDivisionError, StateError), ledger.transaction() as tx:
        seen.append(held(path, "turn"))
        if ends != "reads":
            tx.append("k", "o", {"much": "x" * 50_000})
        if ends == "gives up":
            raise ZeroDivisionError
    assert seen == [True]
    assert not held(path, "turn")
    ledger.publish()
    assert not held(path, "turn")
