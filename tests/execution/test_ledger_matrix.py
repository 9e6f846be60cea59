"""The rows of the crash matrix that are the ledger's: whatever breaks, nothing committed is lost.

Each row is broken at the journal's step (an event is written, or a head is published), and then the
desk gets a StateError with a sentence, the events that were there before are there still, in an
unbroken chain, and writing goes on when the fault is gone.
"""

import errno
import os
import resource
import shutil
import sqlite3
import threading

import pytest

from tests.doubles import END, FakeClock
from tools.domain.errors import StateError
from tools.execution import audit, sqlite_file
from tools.execution.ledger import SqliteLedger

BEFORE = 5


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "ledger.db"


@pytest.fixture
def ledger(path):
    ledger = SqliteLedger(path, FakeClock(END))
    for _ in range(BEFORE):
        write(ledger)
    ledger.publish()
    return ledger


def write(ledger, size=10):
    with ledger.transaction() as tx:
        return tx.append("send_intent", "o", {"much": "x" * size})


def refused(ledger, size=10):
    """The sentence with which writing is refused."""
    with pytest.raises(StateError) as caught:
        write(ledger, size)
    assert "Traceback" not in str(caught.value)
    return str(caught.value)


def goes_on(path, ledger, more=1):
    """Nothing was lost, nothing half written, and the next event is durable."""
    assert len(SqliteLedger(path, FakeClock(END)).events()) == BEFORE
    for _ in range(more):
        write(ledger)
    ledger.close()
    report = audit.verify(path)
    assert (report.ok, report.events, report.signed) == (True, BEFORE + more, BEFORE + more)


def test_disk_full_when_an_event_is_written(path, ledger):
    writer = ledger.store.writer()
    pages = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count={pages:d}")
    assert "full" in refused(ledger, 100_000)
    writer.execute("PRAGMA max_page_count=1000000")
    goes_on(path, ledger)


def test_disk_full_when_a_head_is_published(path, ledger, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        write(ledger)  # an order is not held up by the second place
        with pytest.raises(StateError, match="No space left"):
            ledger.publish()
        assert "No space left" in ledger.unsigned
    ledger.close()
    report = audit.verify(path)
    assert (report.ok, report.events, report.signed) == (True, BEFORE + 1, BEFORE + 1)


def test_db_locked_for_longer_than_one_waits(path, ledger, monkeypatch):
    monkeypatch.setattr(sqlite_file, "BUSY_MS", 50)
    ledger.close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert "another process" in refused(ledger)
    other.execute("ROLLBACK")
    goes_on(path, ledger)


def test_read_only_fs_under_an_open_ledger(path, ledger):
    writer = ledger.store.writer()
    writer.execute("PRAGMA query_only=ON")
    assert "writ" in refused(ledger)
    writer.execute("PRAGMA query_only=OFF")
    goes_on(path, ledger)


def test_fd_exhaustion_when_another_thread_needs_a_connection(path, ledger):
    said = []

    def read():
        try:
            ledger.events()
        except StateError as error:
            said.append(str(error))

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.open(os.devnull, os.O_RDONLY)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert "can't be" in said[0]
    goes_on(path, ledger)


def test_torn_journal_tail_is_the_journal_up_to_the_last_whole_commit(path, ledger, tmp_path):
    wal = path.with_name(path.name + "-wal").read_bytes()
    told = set()
    for cut in range(len(wal), 0, -509):
        copy = tmp_path / f"torn-{cut}" / "ledger.db"
        shutil.copytree(path.parent, copy.parent)
        copy.with_name(path.name + "-shm").unlink()
        copy.with_name(path.name + "-wal").write_bytes(wal[:cut])
        events = SqliteLedger(copy, FakeClock(END)).events()
        assert [e.seq for e in events] == list(range(1, len(events) + 1))
        told.add((len(events), audit.verify(copy).ok))
    # Less than what was signed is never taken for the whole.
    assert {count for count, _ in told} == set(range(BEFORE + 1))
    assert {count for count, ok in told if ok} == {BEFORE}


def test_corrupt_journal_tail_is_detected_and_left_as_it_is(path, ledger):
    ledger.close()
    whole = bytearray(path.read_bytes())
    spot = whole.rindex(b"send_intent")
    whole[spot] ^= 1
    path.write_bytes(whole)
    with pytest.raises(StateError, match="tollgate audit verify"):
        SqliteLedger(path, FakeClock(END)).events()
    assert not audit.verify(path).ok
    assert path.read_bytes() == whole
