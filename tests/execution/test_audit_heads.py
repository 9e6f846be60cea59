"""The verifier and the signed heads: what they find, what they tolerate, and what they can't."""

import json
import shutil
import subprocess
import sys
import threading

import pytest

from evals.tampering import WAYS, tampers
from tests.doubles import END, FakeClock
from tools.domain.errors import InputError, NotFound, StateError
from tools.execution import audit, audit_tree
from tools.execution.ledger import SqliteLedger

WRITER = (
    "ledger ledger_chained ledger_schema sqlite_store sqlite_file group turns chain merkle heads "
    "signing_key publishing lease store codec"
).split()


@pytest.fixture
def path(tmp_path):
    """Nine events under heads over 3, 6 and 9 of them."""
    ledger = SqliteLedger(tmp_path / "ledger.db", FakeClock(END))
    for _ in range(3):
        with ledger.transaction() as tx:
            tx.append_many([("k", "o", {"n": n}) for n in range(3)])
        ledger.publish()
    ledger.close()
    return tmp_path / "ledger.db"


def heads(path):
    return path.parent / "heads" / "heads.jsonl"


def sentences(path, **more):
    return " ".join(problem.sentence for problem in audit.verify(path, **more).problems)


def test_every_way_to_tamper_without_the_key_is_found(tmp_path):
    result = tampers(300, tmp_path)
    assert result.missed == []
    assert result.found == 300
    assert len(result.tried) == len(WAYS)


def test_a_sound_ledger_is_signed_to_its_end(path):
    report = audit.verify(path)
    assert (report.ok, report.events, report.signed, report.heads) == (True, 9, 9, 3)
    assert audit.trusted(path) == report


def test_the_verifier_shares_no_code_with_the_writer():
    code = "import sys, tools.execution.audit; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "tools.execution.audit_chain" in loaded
    assert not {f"tools.execution.{name}" for name in WRITER} & set(loaded)


def test_events_since_the_last_head_are_counted_as_unsigned(path):
    ledger = SqliteLedger(path, FakeClock(END))
    with ledger.transaction() as tx:
        tx.append("k", "o", {})
    with ledger.transaction() as tx:
        tx.append("k", "o", {})
    report = audit.verify(path)
    assert (report.ok, report.events, report.signed) == (True, 11, 10)


def test_a_removed_or_cut_heads_file_is_told(path):
    lines = heads(path).read_text().splitlines(keepends=True)
    heads(path).write_text("".join(lines[:1]))
    assert "has 1 heads, but 3 were published" in sentences(path)
    heads(path).unlink()
    assert "has 0 heads, but 3 were published" in sentences(path)


def test_an_older_copy_of_the_database_contradicts_its_heads(path):
    old = path.read_bytes()
    ledger = SqliteLedger(path, FakeClock(END))
    for _ in range(2):
        with ledger.transaction() as tx:
            tx.append("k", "o", {})
        ledger.publish()
    ledger.close()
    path.write_bytes(old)
    said = sentences(path)
    assert "older copy" in said
    assert "tail was cut" in said


def test_heads_in_another_place_are_looked_for_there(path, tmp_path):
    elsewhere = tmp_path / "elsewhere.jsonl"
    shutil.move(heads(path), elsewhere)
    assert not audit.verify(path).ok
    assert audit.verify(path, heads=elsewhere).ok


def test_another_key_is_told_by_the_copy_that_the_auditor_kept(path, tmp_path):
    kept = tmp_path / "auditor.pub"
    kept.write_bytes((path.parent / "keys" / "ledger.pub").read_bytes())
    assert audit.verify(path, key=kept).ok
    for file in (*(path.parent / "keys").iterdir(), heads(path), path):
        file.unlink()
    ledger = SqliteLedger(path, FakeClock(END))
    with ledger.transaction() as tx:
        tx.append("k", "o", {"n": "another story"})
    ledger.close()
    assert audit.verify(path).ok, "by what is on this disk alone it can't be told"
    assert "another key" in sentences(path, key=kept)


def test_what_is_no_public_key_is_said(path, tmp_path):
    for content in ("words", ""):
        (tmp_path / "bad.pub").write_text(content)
        with pytest.raises(StateError, match=r"bad\.pub"):
            audit.verify(path, key=tmp_path / "bad.pub")
    with pytest.raises(StateError, match=r"none\.pub"):
        audit.verify(path, key=tmp_path / "none.pub")


def test_all_put_back_to_an_older_state_is_told_only_by_a_copy_kept_elsewhere(path, tmp_path):
    shutil.copytree(path.parent, tmp_path / "old", ignore=shutil.ignore_patterns("old"))
    ledger = SqliteLedger(path, FakeClock(END))
    with ledger.transaction() as tx:
        tx.append("k", "o", {})
    ledger.close()
    rolled_back = tmp_path / "old" / "ledger.db"
    assert audit.verify(rolled_back).ok, "the limit of what one machine can prove"
    assert not audit.verify(rolled_back, heads=heads(path)).ok


def test_a_ledger_that_is_written_to_meanwhile_is_no_tampered_one(path):
    ledger, stop, reports = SqliteLedger(path, FakeClock(END)), threading.Event(), []

    def write():
        while not stop.is_set():
            with ledger.transaction() as tx:
                tx.append("k", "o", {})
            ledger.publish()

    thread = threading.Thread(target=write)
    thread.start()
    reports = [audit.verify(path) for _ in range(25)]
    stop.set()
    thread.join()
    assert [report.problems for report in reports if not report.ok] == []
    assert reports[-1].events > reports[0].events


def test_live_trading_does_not_start_on_a_tampered_ledger(path):
    heads(path).write_text(heads(path).read_text().replace('"size":6', '"size":5'))
    with pytest.raises(StateError, match="live trading does not start"):
        audit.trusted(path)


def test_an_event_is_shown_with_a_proof_that_anyone_can_check(path):
    told = audit.of_file(path).show(4)
    event, proof = told["event"], told["proof"]
    assert (event["seq"], event["data"], proof["holds"]) == (4, {"n": 0}, True)
    leaf = audit_tree.leaf(event["hash"])
    head = json.loads(heads(path).read_text().splitlines()[-1])
    assert audit_tree.included(leaf, 3, head["size"], proof["path"], head["root"])


def test_an_event_after_the_last_head_is_shown_without_a_proof(path):
    ledger = SqliteLedger(path, FakeClock(END))
    for _ in range(2):
        with ledger.transaction() as tx:
            tx.append("k", "late", {})
    told = audit.of_file(path).show(11)
    assert (told["event"]["order_id"], told["proof"]) == ("late", None)
    with pytest.raises(NotFound):
        audit.of_file(path).show(12)
    with pytest.raises(NotFound):
        audit.of_file(path).show(0)


def test_growth_between_two_heads_is_proved(path):
    proof = audit.of_file(path).grown(3)
    assert proof["holds"]
    old, new = proof["old"], proof["new"]
    assert audit_tree.consistent(3, 9, proof["path"], old["root"], new["root"])
    with pytest.raises(InputError, match="3, 6, 9"):
        audit.of_file(path).grown(4)
