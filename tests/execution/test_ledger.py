"""The SQLite ledger: the contract, and every way in which its file can be bad."""

import os
import shutil
import sqlite3
import tempfile
import threading
from pathlib import Path

import pytest

from tests.contracts.ledger import LedgerContract
from tests.doubles import END, FakeClock
from tools.domain.errors import StateError
from tools.execution import sqlite_file
from tools.execution.ledger import SqliteLedger


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "ledger.db"


def opened(path):
    return SqliteLedger(path, FakeClock(END))


def with_events(path, count=3):
    ledger = opened(path)
    with ledger.transaction() as tx:
        for n in range(count):
            tx.append("k", "o", {"n": n})
    ledger.close()
    return path


class TestSqliteLedger(LedgerContract):
    @pytest.fixture
    def opened(self, path, clock):
        return lambda: SqliteLedger(path, clock)


def test_it_writes_ahead_and_waits_for_the_disk(path):
    ledger = opened(path)
    connection = ledger.store.writer()
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert list(path.parent.glob(".ledger*")) == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE events SET data = '{}' WHERE seq = 2",
        "DELETE FROM events WHERE seq = 3",
        "INSERT INTO events SELECT 5, at, kind, order_id, data, previous, 'x' FROM events LIMIT 1",
        "REPLACE INTO events SELECT seq, at, kind, order_id, '{}', previous, 'x' FROM events",
        "DELETE FROM head",
    ],
)
def test_the_file_itself_refuses_changes(path, sql):
    connection = sqlite3.connect(with_events(path))
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(sql)


@pytest.mark.parametrize(
    "content",
    [b"", b"hello, this is no database", b"SQLite format 3\x00" + b"\x00" * 100],
    ids=["empty", "text", "header only"],
)
def test_a_foreign_or_torn_file_is_named_and_left_alone(tmp_path, content):
    path = tmp_path / "ledger.db"
    path.write_bytes(content)
    with pytest.raises(StateError) as caught:
        opened(path)
    assert str(path) in str(caught.value)
    assert "copy back" in str(caught.value)
    assert path.read_bytes() == content


def test_another_programs_database_is_left_alone(tmp_path):
    path = tmp_path / "ledger.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StateError, match="another program"):
        opened(path)
    assert path.read_bytes() == before


def test_a_file_cut_in_half_or_scribbled_over_is_never_believed(path):
    with_events(path, 200)
    whole = path.read_bytes()
    for cut in (len(whole) // 2, 4096, 100):
        path.write_bytes(whole[:cut])
        with pytest.raises(StateError):
            opened(path).events()
        assert path.read_bytes()[:cut] == whole[:cut]
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(StateError):
        opened(path).events()


def test_a_changed_line_is_not_read(path):
    connection = sqlite3.connect(with_events(path))
    connection.execute("DROP TRIGGER events_never_change")
    connection.execute("UPDATE events SET data = '{\"n\":9}' WHERE seq = 2")
    connection.commit()
    with pytest.raises(StateError, match="event 2"):
        opened(path).events()


def test_a_cut_tail_is_noticed_when_opened(path):
    connection = sqlite3.connect(with_events(path))
    connection.execute("DROP TRIGGER events_never_go")
    connection.execute("DELETE FROM events WHERE seq = 3")
    connection.commit()
    with pytest.raises(StateError, match="lost or added"):
        opened(path)


def test_a_folder_that_cannot_be_one_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StateError) as caught:
        opened(tmp_path / "file" / "ledger.db")
    assert "writable" in str(caught.value)


def test_a_read_only_folder_is_named():
    # Not under tmp_path: its parents are shut to the user that root becomes below.
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o555)
    was_root = os.geteuid() == 0
    if was_root:
        os.seteuid(65534)
    try:
        with pytest.raises(StateError, match="writ"):
            opened(folder / "ledger.db")
    finally:
        if was_root:
            os.seteuid(0)
        shutil.rmtree(folder)


def test_a_full_disk_undoes_the_transaction(path):
    ledger = opened(path)
    connection = ledger.store.writer()
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages:d}")

    def fill_up():
        with ledger.transaction() as tx:
            for n in range(500):
                tx.append("k", "o", {"n": "x" * 1000, "i": n})

    with pytest.raises(StateError, match="full"):
        fill_up()
    assert opened(path).events() == ()


def test_a_ledger_held_by_another_is_named(path, monkeypatch):
    monkeypatch.setattr(sqlite_file, "BUSY_MS", 50)
    with_events(path)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StateError, match="another process"), opened(path).transaction():
        pass
    other.execute("ROLLBACK")
    assert len(opened(path).events()) == 3


def test_many_may_make_it_at_once(path: Path):
    failures = []

    def make():
        try:
            with opened(path).transaction() as tx:
                tx.append("k", "", {})
        except StateError as error:
            failures.append(error)

    threads = [threading.Thread(target=make) for _ in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert failures == []
    assert len(opened(path).events()) == 8
    assert sorted(p.name for p in path.parent.iterdir() if p.suffix == ".db") == ["ledger.db"]


def test_a_ledger_moved_or_replaced_under_a_running_desk_is_not_written_to(path):
    ledger = opened(path)
    path.rename(path.with_name("elsewhere.db"))
    with pytest.raises(StateError), ledger.transaction():
        pass
    opened(path)
    with pytest.raises(StateError, match="replaced"), ledger.transaction():
        pass
