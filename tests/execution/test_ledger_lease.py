"""The sender's lease between processes: killed ones are followed, sleeping ones are fenced off."""

import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from tools.clock import SystemClock
from tools.domain.errors import Conflict, StateError
from tools.execution.ledger import SqliteLedger

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.db"


@contextmanager
def holder(path, seconds):
    command = [sys.executable, "-m", "tests.execution.holder", str(path), str(seconds)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline().strip().isdigit()
        yield process
    finally:
        process.kill()
        process.communicate()


def asked(process, kind):
    process.stdin.write(kind + "\n")
    process.stdin.flush()
    return process.stdout.readline()


def opened(path):
    return SqliteLedger(path, SystemClock())


def test_two_processes_never_hold_it_at_once(path):
    with holder(path, 3600) as other:
        with pytest.raises(Conflict, match="another process"):
            opened(path).lease("me", 10).acquire(wait_s=0.1)
        assert asked(other, "send_intent") == "written\n"
    assert opened(path).lease("me", 10).acquire() == 2


def test_a_killed_holder_is_followed_at_once_however_long_its_lease(path):
    with holder(path, 3600) as other:
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert opened(path).lease("me", 10).acquire() == 2


def test_a_stopped_process_that_wakes_after_its_lease_was_taken_over_journals_nothing(path):
    with holder(path, 0.2) as other:
        other.send_signal(signal.SIGSTOP)
        mine = opened(path)
        token = mine.lease("me", 3600).acquire(wait_s=60)
        other.send_signal(signal.SIGCONT)
        said = asked(other, "send_intent")
        assert said.startswith("Conflict: another process took over")
        with mine.transaction(token) as tx:
            tx.append("send_intent", "o", {})
    assert [e.seq for e in opened(path).events()] == [1]


def test_the_database_refuses_an_older_token_even_to_a_program_that_forgets_to_ask(path):
    opened(path).lease("me", 10).acquire()
    ledger = opened(path)
    writer = ledger.store.writer()
    with pytest.raises(Exception, match="never falls"):
        writer.execute("UPDATE lease SET token = 0")


def test_a_lease_taken_twice_or_for_no_time_is_refused(path):
    lease = opened(path).lease("me", 10)
    lease.acquire()
    with pytest.raises(StateError, match="already"):
        lease.acquire()
    for seconds in (0, -1, float("nan")):
        with pytest.raises(StateError):
            opened(path).lease("me", seconds)


def test_no_lock_files_are_left_when_leases_are_given_back(path):
    for _ in range(3):
        with opened(path).lease("me", 10):
            pass
    assert [p.name for p in path.parent.iterdir() if "lease" in p.name] == []
