"""The verifier finds every kind of tampering that the file alone can show."""

import json
import random
import sqlite3

import pytest

from tests.doubles import END, FakeClock
from tools.domain.errors import StateError
from tools.execution import audit
from tools.execution.chain import event_hash
from tools.execution.ledger import SqliteLedger

EVENTS = 12


@pytest.fixture
def path(tmp_path):
    ledger = SqliteLedger(tmp_path / "ledger.db", FakeClock(END))
    for n in range(EVENTS):
        with ledger.transaction() as tx:
            tx.append("kind", f"o{n % 3}", {"n": n, "text": "é", "deep": {"b": [1], "a": None}})
    ledger.close()
    return tmp_path / "ledger.db"


def tamper(path, *statements):
    connection = sqlite3.connect(path)
    for name in ("events_never_change", "events_never_go", "events_have_no_gap"):
        (sql,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = ?", (name,)
        ).fetchone()
        connection.execute(f"DROP TRIGGER {name}")
        statements = (*statements, sql)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_an_untouched_ledger_is_in_order_and_stays_as_it_is(path):
    before = path.read_bytes()
    report = audit.verify(path)
    assert (report.ok, report.events, report.problems) == (True, EVENTS, ())
    assert report.head in report.sentence or report.head.startswith(report.sentence[-17:-1])
    assert path.read_bytes() == before


def test_an_empty_ledger_is_in_order(tmp_path):
    SqliteLedger(tmp_path / "new.db", FakeClock(END)).close()
    assert audit.verify(tmp_path / "new.db").ok


@pytest.mark.parametrize(
    ("statements", "seq"),
    [
        (["UPDATE events SET data = '{\"n\":99}' WHERE seq = 5"], 5),
        (["UPDATE events SET at = '2020-01-01T00:00:00+00:00' WHERE seq = 5"], 5),
        (["UPDATE events SET kind = 'other' WHERE seq = 1"], 1),
        (["UPDATE events SET order_id = 'o9' WHERE seq = 12"], 12),
        (["UPDATE events SET hash = 'f' WHERE seq = 4"], 5),
        (["UPDATE events SET previous = 'f' WHERE seq = 4"], 4),
        (["UPDATE events SET data = 'no json' WHERE seq = 4"], 4),
        (["DELETE FROM events WHERE seq = 6"], 7),
        (["DELETE FROM events WHERE seq <= 2"], 3),
        (["DELETE FROM events WHERE seq = 12"], 11),
        (["UPDATE head SET seq = 11"], 12),
        (
            [
                "DELETE FROM events WHERE seq = 6",
                "UPDATE events SET seq = seq - 1 WHERE seq > 6",
            ],
            6,
        ),
        (
            [
                "UPDATE events SET seq = 100 WHERE seq = 3",
                "UPDATE events SET seq = 3 WHERE seq = 4",
                "UPDATE events SET seq = 4 WHERE seq = 100",
            ],
            3,
        ),
        (
            ["INSERT INTO events SELECT 13, at, kind, 'o', data, hash, 'n' FROM events LIMIT 1"],
            13,
        ),
    ],
)
def test_tampering_is_found_where_it_is(path, statements, seq):
    tamper(path, *statements)
    report = audit.verify(path)
    assert not report.ok
    assert seq in {problem.seq for problem in report.problems}


def test_an_edit_with_a_fresh_hash_breaks_the_link_after_it(path):
    row = sqlite3.connect(path).execute("SELECT * FROM events WHERE seq = 5").fetchone()
    new = event_hash(*row[:4], '{"n":99}', row[5])
    tamper(path, f"UPDATE events SET data = '{{\"n\":99}}', hash = '{new}' WHERE seq = 5")
    assert [p.seq for p in audit.verify(path).problems] == [6]


def test_removed_guards_are_found(path):
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER events_never_change")
    connection.commit()
    assert [p.seq for p in audit.verify(path).problems] == [0]


def test_many_random_edits_are_all_found(path, tmp_path):
    rng = random.Random(7)
    whole = path.read_bytes()
    for n in range(120):
        copy = tmp_path / f"{n % 4}.db"
        copy.write_bytes(whole)
        column = rng.choice(["at", "kind", "order_id", "data", "previous", "hash"])
        seq = rng.randint(1, EVENTS)
        connection = sqlite3.connect(copy)
        (text,) = connection.execute(f"SELECT {column} FROM events WHERE seq={seq}").fetchone()
        spot = rng.randrange(len(text))
        other = rng.choice([c for c in '0aZ {}"' if c != text[spot]])
        connection.close()
        edited = (text[:spot] + other + text[spot + 1 :]).replace("'", "''")
        tamper(copy, f"UPDATE events SET {column} = '{edited}' WHERE seq = {seq}")
        assert not audit.verify(copy).ok, (column, seq, spot, other)


def test_export_gives_every_event_as_a_line(path):
    lines = [json.loads(line) for line in audit.export(path)]
    assert [line["seq"] for line in lines] == list(range(1, EVENTS + 1))
    assert lines[3]["data"]["n"] == 3


def test_a_missing_or_foreign_file_is_said(tmp_path):
    with pytest.raises(StateError):
        audit.verify(tmp_path / "none.db")
    (tmp_path / "text.db").write_text("no database at all, only words")
    assert not audit.verify(tmp_path / "text.db").ok
    with pytest.raises(StateError):
        list(audit.export(tmp_path / "text.db"))
