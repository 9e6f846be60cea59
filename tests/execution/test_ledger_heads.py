"""Publishing signed heads: when, what a crash between leaves, and what is refused."""

import json
import stat
from datetime import timedelta

import pytest

from tests.doubles import END, FakeClock
from tools.domain.errors import StateError
from tools.execution import audit, ledger_chained
from tools.execution.ledger import SqliteLedger
from tools.execution.sqlite_store import SqliteStore


@pytest.fixture
def clock():
    return FakeClock(END)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.db"


@pytest.fixture
def heads(tmp_path):
    return tmp_path / "heads" / "heads.jsonl"


def write(ledger, count=1):
    for _ in range(count):
        with ledger.transaction() as tx:
            tx.append("k", "o", {})


def sizes(heads):
    return [json.loads(line)["size"] for line in heads.read_text().splitlines()]


def test_the_first_event_of_a_process_is_signed_then_one_in_so_many(
    path, clock, heads, monkeypatch
):
    monkeypatch.setattr(ledger_chained, "HEAD_EVENTS", 4)
    write(SqliteLedger(path, clock), 10)
    assert sizes(heads) == [1, 5, 9]


def test_a_minute_later_a_head_is_due_whichever_way_the_clock_went(path, clock, heads):
    ledger = SqliteLedger(path, clock)
    write(ledger, 3)
    clock.real += timedelta(seconds=60)
    write(ledger, 2)
    clock.real -= timedelta(days=3)
    write(ledger, 2)
    assert sizes(heads) == [1, 4, 6]


def test_the_key_is_its_owners_alone(path, clock, tmp_path):
    write(SqliteLedger(path, clock))
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "keys" / "ledger.key").stat().st_mode) == 0o600
    assert audit.verify(path).key in (tmp_path / "heads" / "heads.jsonl").read_text()


def test_a_key_that_others_can_read_is_not_used_and_nothing_is_written_without(
    path, clock, tmp_path
):
    write(SqliteLedger(path, clock))
    (tmp_path / "keys" / "ledger.key").chmod(0o644)
    ledger = SqliteLedger(path, clock)
    with pytest.raises(StateError, match="chmod 600"):
        write(ledger)
    with pytest.raises(StateError, match="prove nothing"):
        ledger.publish()
    (tmp_path / "keys" / "ledger.key").chmod(0o600)
    write(ledger)
    assert audit.verify(path).events == 2


def test_a_lost_key_is_not_replaced_by_another(path, clock, tmp_path, heads):
    write(SqliteLedger(path, clock))
    (tmp_path / "keys" / "ledger.key").unlink()
    for ledger in (SqliteLedger(path, clock), SqliteLedger(path, clock)):
        with pytest.raises(StateError, match=r"keys/ledger\.key"):
            write(ledger)
        with pytest.raises(StateError, match=r"keys/ledger\.key"):
            ledger.publish()
    assert sizes(heads) == [1]
    assert not (tmp_path / "keys" / "ledger.key").exists()


def test_another_key_in_its_place_goes_on_with_nothing(path, clock, tmp_path, heads):
    write(SqliteLedger(path, clock))
    write(SqliteLedger(tmp_path / "other" / "ledger.db", clock))
    other = (tmp_path / "other" / "keys" / "ledger.key").read_bytes()
    (tmp_path / "keys" / "ledger.key").write_bytes(other)
    ledger = SqliteLedger(path, clock)
    with pytest.raises(StateError, match="not written by a desk with the key"):
        write(ledger)
    with pytest.raises(StateError, match="not written by a desk with the key"):
        ledger.publish()
    assert sizes(heads) == [1]


@pytest.mark.parametrize("torn", ["", '{"n": 2, "si', "\x00" * 30])
def test_a_crash_after_the_file_and_before_the_database_is_made_good(
    path, clock, heads, monkeypatch, torn
):
    ledger = SqliteLedger(path, clock)
    write(ledger, 3)
    with monkeypatch.context() as patch:
        patch.setattr(SqliteStore, "commit", crash)
        with pytest.raises(KeyboardInterrupt):
            ledger.publish()
    with heads.open("a") as file:
        file.write(torn)
    assert audit.verify(path).ok
    again = SqliteLedger(path, clock)
    write(again, 2)
    again.close()
    assert again.unsigned == ""
    assert sizes(heads) == [1, 3, 4, 5]
    assert audit.verify(path).ok


def crash(store, *_, **__):
    store.rollback()  # what the next process finds when one dies here
    raise KeyboardInterrupt


def test_a_heads_file_that_cannot_be_written_holds_no_order_up_and_is_told(path, clock, tmp_path):
    (tmp_path / "file").write_text("in the way")
    ledger = SqliteLedger(path, clock, tmp_path / "file" / "heads.jsonl")
    write(ledger, 2)
    assert "can't be read or written" in ledger.unsigned
    assert len(ledger.events()) == 2
    with pytest.raises(StateError):
        ledger.publish()


def test_a_cut_or_removed_heads_file_is_not_written_on(path, clock, heads):
    ledger = SqliteLedger(path, clock)
    for _ in range(3):
        write(ledger)
        ledger.publish()
    lines = heads.read_text().splitlines(keepends=True)
    for content in ("", "".join(lines[:1]), "".join(lines) + "no head\n"):
        heads.write_text(content)
        write(ledger)
        with pytest.raises(StateError):
            ledger.publish()
        assert heads.read_text() == content
    heads.write_text("".join(lines))
    ledger.publish()
    assert audit.verify(path).ok


def test_an_older_copy_of_the_ledger_signs_no_second_history(path, clock, tmp_path, heads):
    ledger = SqliteLedger(path, clock)
    write(ledger)
    ledger.close()
    old = path.read_bytes()
    for _ in range(2):
        write(ledger, 2)
        ledger.publish()
    ledger.close()
    path.write_bytes(old)
    back = SqliteLedger(path, clock)
    write(back)
    with pytest.raises(StateError, match="heads"):
        back.publish()
    assert not audit.verify(path).ok


def test_a_ledger_of_the_first_version_is_taken_over_and_signed(path, clock, tmp_path):
    from tools.execution import sqlite_file
    from tools.execution.ledger_schema import APPLICATION_ID, EVENTS

    write(SqliteLedger(tmp_path / "new" / "ledger.db", clock), 3)
    first = EVENTS.replace("hash TEXT NOT NULL\n)", "hash TEXT NOT NULL UNIQUE\n)")
    sqlite_file.create(path, APPLICATION_ID, first)
    connection = sqlite_file.connect(path, APPLICATION_ID)
    connection.execute("ATTACH ? AS new", (str(tmp_path / "new" / "ledger.db"),))
    connection.execute("INSERT INTO main.events SELECT * FROM new.events")
    connection.execute("UPDATE main.head SET (seq, hash) = (SELECT seq, hash FROM new.head)")
    connection.close()
    assert audit.verify(path).ok
    ledger = SqliteLedger(path, clock)
    write(ledger)
    ledger.close()
    report = audit.verify(path)
    assert (report.ok, report.events, report.signed) == (True, 4, 4)


def test_an_event_that_no_desk_wrote_is_not_gone_on_from(path, clock, heads):
    ledger = SqliteLedger(path, clock)
    write(ledger, 3)
    ledger.close()
    from tools.execution.chain import event_hash

    writer = ledger.store.writer()
    seq, own = writer.execute("SELECT seq, hash FROM head").fetchone()
    row = (seq + 1, END.isoformat(), "approved", "o", "{}", own)
    smuggled = event_hash(*row)
    writer.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", (*row, smuggled))
    writer.execute("UPDATE head SET seq = ?, hash = ?", (seq + 1, smuggled))
    for running in (ledger, SqliteLedger(path, clock)):
        with pytest.raises(StateError, match=r"event 4 .* was not written by a desk"):
            write(running)
        with pytest.raises(StateError, match="was not written by a desk"):
            running.publish()
    assert [p.seq for p in audit.verify(path).problems] == [4]
    assert max(sizes(heads)) == 3


def test_a_first_event_whose_head_a_crash_prevented_is_no_tampering(path, clock, monkeypatch):
    ledger = SqliteLedger(path, clock)
    monkeypatch.setattr(ledger_chained, "publish", lambda *_: (_ for _ in ()).throw(StateError()))
    write(ledger)
    report = audit.verify(path)
    assert (report.ok, report.events, report.signed) == (True, 1, 0)


def test_a_ledger_of_the_first_version_may_be_signed_before_it_is_written_to(path, clock):
    ledger = SqliteLedger(path, clock)
    write(ledger, 2)
    writer = ledger.store.writer()
    for guard in ("heads_never_go", "head_never_goes"):
        writer.execute(f"DROP TRIGGER {guard}")
    writer.execute("DELETE FROM heads")
    writer.execute("UPDATE head SET seal = ''")  # as one without seals and heads is taken over
    ledger._heads._file.unlink()
    again = SqliteLedger(path, clock)
    again.publish()
    write(again)
    again.close()
    assert [e.seq for e in again.events()] == [1, 2, 3]
